import "./panels/style.css";
import { showSite } from "./hosts/site";

void showSite(document.querySelector<HTMLElement>(".vista")!);
