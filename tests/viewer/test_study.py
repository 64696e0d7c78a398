"""What people do with a study of latents: from the gallery to the dictionary, a latent's map, an item and its tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from static_server import static_server
from vista.atlas import export, reader

from .conftest import Visit
from .study_atlas import N_LATENTS, N_TEXTS, WORDS, LatentFacts, build_study, latent_facts
from .test_accessibility import AXE, violations

pytestmark = pytest.mark.browser

Visiting = Callable[..., Visit]
KEEPS_STILL = {"reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def study_folder(built_viewer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("study")
    return export(build_study(root / "atlas"), root / "site", to="site")


@pytest.fixture(scope="module")
def study_site(study_folder: Path) -> Iterator[str]:
    with static_server(study_folder) as url:
        yield url


@pytest.fixture
def study(visiting: Visiting, browser: Browser, study_site: str) -> Visit:
    return visiting(browser, study_site, **KEEPS_STILL)


@pytest.fixture(scope="module")
def atlas(study_folder: Path) -> reader.Atlas:
    return reader.open(study_folder)


@pytest.fixture(scope="module")
def facts(atlas: reader.Atlas) -> dict[int, LatentFacts]:
    texts = [atlas.card(item)["text"] for item in range(N_TEXTS)]
    return {latent: latent_facts(texts, latent) for latent in WORDS}


def _cards(page: Page) -> list[str | None]:
    return [card.get_attribute("data-map") for card in page.locator("[data-gallery] a[data-map]").all()]


def test_a_study_opens_with_its_gallery_which_can_be_sorted_and_searched(study: Visit) -> None:
    study.open()
    expect(study.page.get_by_role("heading", level=1)).to_have_text("Latents of a made-up model")
    expect(study.page.locator("[data-gallery]")).to_contain_text(f"{N_LATENTS} latents of made-up-sae at layers.1.resid_post")
    expect(study.page.locator("[data-sanity]")).to_contain_text("L0 2.5 (2 expected)")
    assert _cards(study.page) == ["dictionary", "latent-3", "latent-7", "items"]
    study.page.get_by_label("Sort by").select_option("name")
    assert _cards(study.page) == ["dictionary", "latent-7", "latent-3", "items"]
    study.press("/")
    study.page.keyboard.type("LANTERN")
    assert _cards(study.page) == ["latent-7"]
    expect(study.page.locator("[data-gallery] .count")).to_have_text("1 of 2 latents · Enter opens it")
    assert study.hash_parts_of_gallery() == {"sort": "name", "find": "LANTERN"}
    study.page.keyboard.type(" moon")
    expect(study.page.locator("[data-none]")).to_be_visible()
    study.press("Escape")
    assert len(_cards(study.page)) == 4
    study.open("#gallery&sort=name&find=sea")
    assert _cards(study.page) == ["latent-3"]
    study.press("/")
    study.press("Enter")
    assert study.hash_parts()["map"] == "latent-3"


def test_the_gallery_is_walked_by_keys_and_laid_over_the_map_that_is_open(study: Visit) -> None:
    study.open()
    study.page.locator("a[data-map=dictionary]").focus()
    study.press("ArrowDown")
    study.press("ArrowRight")
    expect(study.page.locator("a[data-map=latent-7]")).to_be_focused()
    study.press("Enter")
    assert study.hash_parts()["map"] == "latent-7"
    expect(study.page.get_by_role("heading", level=1)).to_have_text("lanterns")
    study.press("+")
    camera = study.camera
    study.press("g")
    expect(study.page.locator("a[data-map=latent-7]")).to_have_attribute("aria-current", "true")
    study.press("Escape")
    expect(study.page.locator("[data-gallery]")).to_have_count(0)
    assert study.camera == camera
    study.page.go_back()
    expect(study.page.locator("[data-gallery]")).to_be_visible()


def test_the_first_look_at_a_study_is_light_however_many_maps_it_has(
    visiting: Visiting, browser: Browser, study_site: str, study_folder: Path
) -> None:
    manifest = json.loads((study_folder / "atlas.json").read_text())
    maps = manifest["maps"]
    for number in range(100, 400):
        maps[f"latent-{number}"] = {**maps["latent-3"], "latent": {**maps["latent-3"]["latent"], "latent": number}}
    visit = visiting(browser, study_site)
    visit.page.route("**/atlas.json", lambda route: route.fulfill(json=manifest))
    visit.open()
    assert len(_cards(visit.page)) == len(maps)
    sizes = [one.sizes()["responseBodySize"] for one in visit.requests if one.response() and "atlas.json" not in one.url]
    assert len(visit.requests) <= 25
    assert sum(sizes) <= 1_000_000
    n_first = len(visit.requests)
    visit.page.locator("a[data-map=latent-399]").scroll_into_view_if_needed()
    visit.wait()
    assert n_first < len(visit.requests) < n_first + 60


def test_from_the_gallery_by_the_dictionary_into_a_latents_map_to_an_item_with_tinted_tokens(
    study: Visit, facts: dict[int, LatentFacts], atlas: reader.Atlas
) -> None:
    study.open()
    study.page.locator("a[data-map=dictionary]").click()
    study.search("lanterns")
    study.press("Enter")
    study.page.wait_for_timeout(100)
    study.page.locator("aside[data-item='7'] [data-enter]").focus()
    study.press("Enter")
    assert study.hash_parts()["map"] == "latent-7"
    expect(study.page.locator("[data-latent='7']")).to_be_visible()
    study.page.locator("[data-top] [data-go]").first.click()
    strongest = int(facts[7].members[int(np.argmax(facts[7].activations))])
    item = study.page.locator(f"aside[data-item='{strongest}']")
    expect(item.locator("[data-item-text] mark").first).to_have_text("lantern")
    expect(item.locator("[data-item-text]")).to_have_text(atlas.card(strongest)["text"])
    expect(item.locator("[data-heat-legend]")).to_contain_text("strongest token")
    study.wait()
    study.page.locator("[data-dictionary]").click()
    study.wait()
    parts = study.hash_parts()
    assert (parts["map"], parts["item"]) == ("dictionary", "7")


def test_tokens_are_tinted_where_they_stand_though_some_characters_are_two_in_a_browser(study: Visit) -> None:
    study.open("#map=latent-7&item=0")
    text = study.page.locator("[data-item-text]")
    expect(text).to_have_text("a lantern 👩‍👩‍👧‍👦🏳️‍🌈 over the sea, and a lantern")
    expect(text.locator("mark")).to_have_text(["lantern", "lantern"])
    expect(text.locator("mark.is-strongest")).to_have_count(1)
    study.open("#map=latent-3&item=1")
    expect(study.page.locator("[data-item-text] mark")).to_have_text(["sea", "sea", "sky"])


def test_brushing_the_histogram_filters_the_map_by_keys_and_by_the_pointer(study: Visit, facts: dict[int, LatentFacts]) -> None:
    study.open("#map=latent-3")
    before = study.pixels()
    values = facts[3].activations
    low = study.page.locator("#latent [data-low]")
    low.focus()
    for _ in range(60):
        study.page.keyboard.press("ArrowRight")
    study.wait()
    bound = float(low.input_value())
    n_kept = int((values >= np.float32(bound)).sum())
    assert 0 < n_kept < len(values)
    expect(study.page.locator("[data-kept]")).to_have_text(f"{n_kept} of {len(values)} items")
    assert study.pixels() != before
    parts = study.hash_parts()
    assert parts["where"].startswith("activation")
    study.open("#" + "&".join(f"{key}={value}" for key, value in parts.items()))
    expect(study.page.locator("[data-kept]")).to_have_text(f"{n_kept} of {len(values)} items")
    restored = study.pixels()
    study.page.get_by_role("button", name="Remove the filter on activation").click()
    study.wait()
    expect(study.page.locator("[data-chips]")).to_have_count(0)
    assert study.pixels() != restored
    box = study.page.locator("#latent .plot").bounding_box()
    assert box is not None
    study.page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 20)
    study.page.mouse.down()
    study.page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 20, steps=4)
    study.page.mouse.up()
    study.wait()
    ends = [float(study.page.locator(f"#latent [data-{end}]").input_value()) for end in ("low", "high")]
    assert ends == pytest.approx([0.25 * values.max(), 0.75 * values.max()], rel=0.05)
    expect(study.page.locator("[data-kept]")).to_be_visible()


def test_filters_on_several_columns_hold_together_and_count_every_item(study: Visit, atlas: reader.Atlas) -> None:
    study.open("#map=items")
    whole = study.camera
    study.press("f")
    panel = study.page.locator("[data-filters]")
    assert study.zoom < whole[2], "the whole map is seen beside the filters"
    shown = atlas.maps["items"].items()
    group, year = np.array(shown["group"].to_pylist()), shown["year"].to_numpy()
    common = max(set(group.tolist()), key=group.tolist().count)
    panel.get_by_role("button", name=f"{common} {int((group == common).sum())}").click()
    high = panel.locator("details", has_text="year").locator("[data-high]")
    high.focus()
    for _ in range(80):
        study.page.keyboard.press("ArrowLeft")
    study.wait()
    kept = (group != common) & (year <= float(high.input_value()))
    expect(study.page.locator("[data-kept]")).to_have_text(f"{int(kept.sum())} of {N_TEXTS} items")
    expect(study.page.locator("[data-chips] li")).to_have_count(2)
    study.page.get_by_role("button", name="Clear all").click()
    expect(study.page.locator("[data-chips]")).to_have_count(0)
    study.press("Escape")
    assert study.camera == pytest.approx(whole, abs=2e-3)


def test_a_map_of_some_items_offers_those_and_says_what_is_elsewhere(study: Visit, facts: dict[int, LatentFacts]) -> None:
    members = set(facts[7].members.tolist())
    study.open("#map=latent-7")
    expect(study.page.get_by_text(f"{len(members)} of {N_TEXTS} items")).to_be_visible()
    study.search("sea")
    n_here, n_all = len(members & set(facts[3].members.tolist())), len(facts[3].members)
    expect(study.page.locator("[data-found]")).to_contain_text(f"of {len(members)}")
    listed = [int(row.get_attribute("id").split("-")[1]) for row in study.page.get_by_role("option").all()]  # type: ignore[union-attr]
    assert 0 < len(listed) <= n_here
    expect(study.page.locator("[data-found-elsewhere]")).to_contain_text("not on this map")
    assert n_all > n_here
    absent = next(item for item in range(N_TEXTS) if item not in members)
    study.follow(f"#map=latent-7&item={absent}")
    expect(study.page.locator("[data-not-here]")).to_be_visible()
    assert study.page.locator("path.line").count() == 0


def test_neighbors_are_those_of_the_map_and_each_has_a_line(study: Visit, study_folder: Path, facts: dict[int, LatentFacts]) -> None:
    entry = json.loads((study_folder / "atlas.json").read_text())["maps"]["latent-3"]
    shown = reader.open(study_folder).maps["latent-3"].items()
    item = int(facts[3].members[5])
    row, k = shown["source_row"].to_pylist().index(item), entry["neighbors"]["k"]
    record = (study_folder / entry["neighbors"]["path"]).read_bytes()[8 * k * row :]
    near = np.frombuffer(record, "<u4", k).tolist()
    study.open(f"#map=latent-3&item={item}")
    listed = study.page.locator("[data-neighbors] [data-go]")
    expect(listed).to_have_count(k)
    assert [int(one.get_attribute("data-go") or -1) for one in listed.all()] == near
    assert study.page.locator("rect.line-end").count() == k


def test_the_panel_says_what_is_known_of_the_latent_and_marks_the_strongest(
    study: Visit, facts: dict[int, LatentFacts], atlas: reader.Atlas
) -> None:
    study.open("#map=latent-3")
    panel = study.page.locator("[data-latent='3']")
    expect(panel.locator("blockquote")).to_contain_text("mentions of <b>water</b>")
    expect(panel.locator("blockquote")).to_contain_text("neuronpedia: some-model")
    link = panel.locator("[data-neuronpedia]")
    expect(link).to_have_attribute("href", "https://www.neuronpedia.org/made-up/3")
    assert "noopener" in (link.get_attribute("rel") or "")
    expect(panel.locator("[data-spread]")).to_contain_text("drawn by chance would lie in")
    expect(panel.locator("[data-verdict]")).to_have_text(
        "The label finds about half of the texts on which the latent fires, and 10 % of the silent ones. "
        "In 1 of the 3 regions that could be tested it finds at most half of what it finds elsewhere."
    )
    expect(panel.locator("[data-score='recall']")).to_be_hidden()
    panel.locator("[data-scores] summary").click()
    expect(panel.locator("[data-score='recall']")).to_contain_text("From 50 held-out texts on which it fires.")
    expect(panel.locator("[data-score='recall'] .ends")).to_have_text("0.00 finds nonefinds all 1.00")
    expect(panel.locator("[data-score='recall by region']")).to_contain_text("random explanation 0.20")
    before = study.pixels()
    study.press("x")
    assert study.pixels() != before
    assert study.hash_parts()["mark"] == "top"
    study.press("x")
    zoom = study.zoom
    missed = panel.locator("[data-missed] button")
    outlined = study.page.locator("[data-outlined]")
    missed.hover()
    expect(outlined).to_have_attribute("data-outlined", "0.0")
    study.page.mouse.move(640, 10)
    expect(outlined).to_have_count(0)
    missed.focus()
    expect(outlined).to_be_visible()
    missed.click()
    study.wait()
    assert study.zoom > zoom + 0.5
    region = json.loads((atlas.path / atlas.maps["latent-3"].entry["regions"]).read_text())["levels"][0][0]
    card = study.page.locator("aside[data-region='0.0']")
    expect(outlined).to_have_attribute("data-outlined", "0.0")
    expect(card.get_by_role("heading", level=2)).to_have_text(region["name"])
    expect(card).to_contain_text("Mean activation")
    expect(card.locator("[data-found-by-label]")).to_have_text("10 %")
    expect(study.page.locator("[data-picked]")).to_contain_text(f"{region['n_items']} selected of ")
    assert study.hash_parts()["sel"] == "region_0_0"
    _sees_how_strongly_a_region_fires(study, atlas, facts[3], 0)
    study.page.locator("[data-fidelity-chip]").click()
    fidelity = study.page.locator("section[data-fidelity]")
    expect(fidelity.locator("[data-gain-cosine]").first).to_have_text("0.125")
    expect(fidelity.locator("[data-moran]")).to_contain_text("0.432")
    assert fidelity.evaluate("one => one.scrollWidth <= one.clientWidth"), "nothing scrolls sideways"
    study.press("Escape")
    expect(panel).to_be_visible()
    study.open("#map=latent-7")
    expect(study.page.locator("[data-latent='7'] [data-flag]")).to_have_text("single token")
    expect(study.page.locator("[data-neuronpedia]")).to_have_count(0)


def _texts_of_missed_region(atlas: reader.Atlas, latent: LatentFacts) -> dict[str, list[int]]:
    """Return the items of the missed region by whether the label finds them, the strongest first."""
    table = atlas.maps["latent-3"].items()
    name = json.loads((atlas.path / atlas.maps["latent-3"].entry["regions"]).read_text())["levels"][0][0]["name"]
    texts: dict[str, list[int]] = {"2": [], "1": [], "0": []}
    rows = zip(*(table[column].to_pylist() for column in ("source_row", "region_0", "found_by_label")), strict=True)
    for item, region, found in rows:
        if region == name:
            texts[{None: "0", True: "1", False: "2"}[found]].append(item)
    values = dict(zip(latent.members.tolist(), latent.activations.tolist(), strict=True))
    return {outcome: sorted(items, key=lambda item: (-values[item], item)) for outcome, items in texts.items()}


def test_a_missed_region_tells_its_texts_apart_in_the_card_on_the_map_and_in_the_card_of_each(
    study: Visit, facts: dict[int, LatentFacts], atlas: reader.Atlas
) -> None:
    texts = _texts_of_missed_region(atlas, facts[3])
    study.open("#map=latent-3&region=0.0")
    card = study.page.locator("aside[data-region='0.0'] [data-region-outcomes]")
    expect(card.locator("[data-tally]")).to_have_text("2 of 20")
    assert [group.get_attribute("data-outcome-group") for group in card.locator("[data-outcome-group]").all()] == ["2", "1", "0"]
    legend = study.page.locator("[data-outcome-legend]")
    expect(legend.get_by_role("listitem")).to_have_text(["not found 18", "found 2", "not tried 19"])
    for outcome, items in texts.items():
        group = card.locator(f"[data-outcome-group='{outcome}']")
        expect(group.locator("[data-n]")).to_have_text(str(len(items)))
        listed = group.locator("[data-go]")
        expect(listed).to_have_count(min(5, len(items)))
        assert [row.get_attribute("data-go") for row in listed.all()] == [str(item) for item in items[:5]]
    more = card.locator("[data-outcome-group='2'] [data-more]")
    more.focus()
    study.press("Enter")
    expect(card.locator("[data-outcome-group='2'] [data-go]")).to_have_count(18)
    marked = study.pixels()
    card.locator("[data-mark-outcomes]").focus()
    study.press(" ")
    expect(legend).to_have_count(0)
    assert study.pixels() != marked
    study.press(" ")
    expect(legend).to_be_visible()
    said = {
        "2": "The label does not find this held-out text.",
        "1": "The label finds this held-out text.",
        "0": "was not tried on this text",
    }
    for outcome, items in texts.items():
        study.open(f"#map=latent-3&item={items[0]}")
        expect(study.page.locator(f"aside[data-item='{items[0]}'] [data-outcome='{outcome}']")).to_contain_text(said[outcome])


def test_the_marks_stay_while_a_text_of_the_region_is_read_and_go_with_the_last_card(study: Visit) -> None:
    study.open("#map=latent-3&region=0.0")
    study.page.locator("[data-outcome-group='1'] [data-go]").first.click()
    study.wait()
    expect(study.page.locator("aside[data-item]")).to_be_visible()
    expect(study.page.locator("[data-outcome-legend]")).to_be_visible()
    study.press("Escape")
    expect(study.page.locator("aside[data-item]")).to_have_count(0)
    expect(study.page.locator("[data-outcome-legend]")).to_have_count(0)


def test_an_atlas_that_keeps_counts_only_says_them_and_that_a_region_is_weak(study: Visit) -> None:
    def early(route: Route) -> None:
        manifest = route.fetch().json()
        del manifest["maps"]["latent-3"]["outcomes"]
        manifest["maps"]["latent-3"]["latent"]["maximum"] *= 4
        route.fulfill(json=manifest)

    study.page.route("**/atlas.json", early)
    study.open("#map=latent-3&region=0.0")
    card = study.page.locator("aside[data-region='0.0'] [data-region-outcomes]")
    expect(card.locator("[data-tally]")).to_have_text("2 of 20")
    expect(card.locator("[data-weak]")).to_have_text(
        "Mostly weak: its median activation is 0.13 of the latent's maximum (on the whole map 0.14)."
    )
    expect(card.locator("[data-outcome-group], [data-mark-outcomes]")).to_have_count(0)
    expect(study.page.locator("[data-outcome-legend]")).to_have_count(0)


def _sees_how_strongly_a_region_fires(study: Visit, atlas: reader.Atlas, latent: LatentFacts, region: int) -> None:
    shown = atlas.maps["latent-3"].items()
    name = json.loads((atlas.path / atlas.maps["latent-3"].entry["regions"]).read_text())["levels"][0][region]["name"]
    items = [item for item, own in zip(shown["source_row"].to_pylist(), shown["region_0"].to_pylist(), strict=True) if own == name]
    values = {item: latent.activations[latent.members.tolist().index(item)] for item in items}
    mean = study.page.locator("aside[data-region] [data-mean-here]")
    expect(mean).to_have_text(f"{np.mean(list(values.values())):.3g}")
    study.page.locator("[data-selection-button]").click()
    panel = study.page.locator("[data-selection]")
    expect(panel.locator("[data-mean-here]")).to_have_text(f"{np.mean(list(values.values())):.3g}")
    listed = panel.locator("[role=listitem] [data-go]")
    by_strength = sorted(items, key=lambda item: (-values[item], item))
    expect(listed.first).to_have_attribute("data-go", str(by_strength[0]))
    expect(listed.first).to_contain_text(f"{values[by_strength[0]]:.3g}")
    expect(listed.nth(1)).to_have_attribute("data-go", str(by_strength[1]))


def test_regions_of_which_little_is_found_and_that_could_not_be_tested_are_told_of(study: Visit, atlas: reader.Atlas) -> None:
    def none_missed(route: Route) -> None:
        manifest = json.loads((atlas.path / "atlas.json").read_text())
        manifest["maps"]["latent-3"]["latent"]["missed"] = []
        route.fulfill(json=manifest)

    study.page.route("**/atlas.json", none_missed)
    study.open("#map=latent-3")
    told = study.page.locator("[data-untested] button")
    expect(told).to_have_count(2)
    expect(told.first).to_contain_text("amber sea")
    expect(told.first).to_contain_text("finds 0 of 7 held-out texts")
    told.first.focus()
    study.press("Enter")
    expect(study.page.locator("aside[data-region='1.0']")).to_contain_text("0 of 7")


def test_on_a_narrow_screen_the_latent_is_told_of_in_short_and_its_panel_comes_up_from_below(study: Visit) -> None:
    study.page.set_viewport_size({"width": 400, "height": 800})
    study.open("#map=latent-3")
    peek, panel = study.page.locator("[data-latent-peek]"), study.page.locator("[data-latent]")
    expect(panel).to_have_count(0)
    expect(peek).to_contain_text("Latent 3")
    expect(study.page.locator("[data-peek-verdict]")).to_contain_text("The label finds")
    peek.get_by_role("button", name="responds to").click()
    expect(peek).to_have_count(0)
    study.page.wait_for_timeout(250)  # it comes up
    box = panel.bounding_box()
    assert box is not None
    assert box["y"] > 0.4 * 800
    assert (box["x"], box["x"] + box["width"], box["y"] + box["height"]) == pytest.approx((10, 390, 790), abs=1)
    expect(study.page.locator("[data-verdict]")).to_have_count(1)
    panel.get_by_role("button", name="Close").click()
    peek.get_by_role("button", name="Put").click()
    expect(peek).to_have_count(0)
    study.page.set_viewport_size({"width": 1280, "height": 800})
    study.page.wait_for_timeout(100)
    expect(peek).to_have_count(0)


def test_points_are_colored_by_the_activation_and_the_relief_is_a_layer(study: Visit) -> None:
    study.open("#map=latent-3")
    before = study.pixels()
    study.press("r")
    assert study.pixels() != before
    study.press("r")
    study.press("p")
    points = study.pixels()
    study.page.get_by_role("button", name="Layers and colors").click()
    expect(study.page.locator("[data-color-by]")).to_have_value("activation")
    study.page.locator("[data-color-by]").select_option("group")
    study.wait()
    assert study.pixels() != points
    expect(study.page.locator("[data-legend]")).to_contain_text("group")


def test_another_map_of_the_same_items_keeps_the_chosen_one_where_it_is(
    study: Visit, study_folder: Path, facts: dict[int, LatentFacts]
) -> None:
    item = int(np.intersect1d(facts[3].members, facts[7].members)[0])
    study.open(f"#map=latent-3&item={item}&mark=top")
    before = _place_on_screen(study, study_folder, "latent-3", item)
    study.press("]")
    parts = study.hash_parts()
    assert (parts["map"], parts["mark"]) == ("latent-7", "top")
    expect(study.page.locator(f"aside[data-item='{item}']")).to_be_visible()
    assert _place_on_screen(study, study_folder, "latent-7", item) == pytest.approx(before, abs=2)
    study.page.locator("[data-whereabouts] button").click()
    found = study.page.locator("[data-whereabouts] a")
    expect(found).to_have_count(2)
    value = float(facts[3].activations[facts[3].members.tolist().index(item)])
    expect(found.first).to_have_attribute("data-map", "latent-3")
    expect(found.first).to_contain_text(f"{value:.3g}")
    expect(found.last).to_have_attribute("data-map", "items")


def _place_on_screen(visit: Visit, folder: Path, map_id: str, item: int) -> tuple[float, float]:
    shown = reader.open(folder).maps[map_id]
    table = shown.items()
    row = table["source_row"].to_pylist().index(item)
    x, y, zoom = visit.camera
    scale = 512 * 2**zoom / shown.entry["extent"]["size"]
    return (table["x"][row].as_py() - x) * scale, (table["y"][row].as_py() - y) * scale


def test_zooming_far_into_a_latent_opens_its_map_and_far_out_leads_back(study: Visit) -> None:
    study.open("#map=dictionary&item=7")
    expect(study.page.locator("aside[data-item='7']")).to_be_visible()
    study.page.keyboard.press("Escape")
    place = study.camera
    study.page.mouse.move(640 - 186, 400)
    for _ in range(40):
        if "map=latent-7" in study.page.url:
            break
        study.page.mouse.wheel(0, -300)
        study.page.wait_for_timeout(40)
    assert "map=latent-7" in study.page.url, place
    study.wait()
    study.page.mouse.move(800, 400)
    for _ in range(40):
        if "map=dictionary" in study.page.url:
            break
        study.page.mouse.wheel(0, 300)
        study.page.wait_for_timeout(40)
    assert study.hash_parts()["item"] == "7"


@pytest.mark.parametrize("pause_ms", [20, 400])
def test_a_latent_zoomed_into_on_the_whole_map_stays_under_the_pointer_and_opens_well_before_the_deepest_zoom(
    study: Visit, study_folder: Path, pause_ms: int
) -> None:
    study.open("#map=dictionary")
    deepest = reader.open(study_folder).maps["dictionary"].entry["collage"]["n_levels"] + 2
    x, y = _place_on_screen(study, study_folder, "dictionary", 7)
    study.page.mouse.move(640 + x, 400 + y)
    zoom = study.zoom
    for _ in range(40):
        study.page.mouse.wheel(0, -120)
        study.page.wait_for_timeout(pause_ms)
        if "map=latent-7" in study.page.url:
            break
        zoom = study.zoom
        near_x, near_y = _place_on_screen(study, study_folder, "dictionary", 7)
        assert np.hypot(near_x - x, near_y - y) < 200
    assert "map=latent-7" in study.page.url
    assert zoom < deepest - 0.5


def test_zooming_by_keys_goes_into_the_chosen_latent_beside_its_card(study: Visit) -> None:
    study.open("#map=dictionary&item=3")
    expect(study.page.locator("aside[data-item='3']")).to_be_visible()
    for _ in range(10):
        study.press("+")
        if "map=latent-3" in study.page.url:
            break
    assert study.hash_parts()["map"] == "latent-3"


def test_two_fingers_hold_the_latent_that_they_zoom_into(visiting: Visiting, browser: Browser, study_site: str, study_folder: Path) -> None:
    study = visiting(browser, study_site, has_touch=True)
    study.open("#map=dictionary")
    x, y = _place_on_screen(study, study_folder, "dictionary", 7)
    touch = study.page.context.new_cdp_session(study.page)

    def fingers(kind: str, apart_px: float) -> None:
        both = [{"x": 640 + x + side * apart_px / 2, "y": 400 + y, "id": at} for at, side in enumerate((-1, 1))]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": both if kind != "touchEnd" else []})
        study.page.wait_for_timeout(25)

    for _ in range(8):
        fingers("touchStart", 60)
        for step in range(1, 11):
            fingers("touchMove", 60 + 12 * step)
            if "map=latent-7" in study.page.url:
                return
            near_x, near_y = _place_on_screen(study, study_folder, "dictionary", 7)
            assert np.hypot(near_x - x, near_y - y) < 200
        fingers("touchEnd", 0)
    raise AssertionError(f"the map of the latent does not open: {study.page.url}")


def test_a_latent_without_a_map_is_zoomed_into_as_far_as_the_map_goes(study: Visit, study_folder: Path) -> None:
    study.open("#map=dictionary&item=12")
    study.press("Escape")
    study.page.mouse.move(640 - 186, 400)
    for _ in range(30):
        study.page.mouse.wheel(0, -120)
    study.wait()
    assert study.hash_parts()["map"] == "dictionary"
    assert study.zoom == pytest.approx(reader.open(study_folder).maps["dictionary"].entry["collage"]["n_levels"] + 2, abs=0.01)


def test_a_double_click_on_a_latent_opens_its_map(study: Visit) -> None:
    study.open("#map=dictionary&item=3")
    study.page.mouse.dblclick(640 - 186, 400)
    study.wait()
    assert study.hash_parts()["map"] == "latent-3"


def test_a_site_says_that_a_text_needs_a_server(study: Visit) -> None:
    study.open("#map=latent-3")
    study.page.get_by_role("button", name="Try a text").click()
    expect(study.page.locator("[data-no-probe]")).to_contain_text("vista serve")
    expect(study.page.locator("[data-probe-text]")).to_have_count(0)


def test_a_server_is_asked_which_latents_fire_on_a_text(study: Visit, study_folder: Path) -> None:
    manifest = json.loads((study_folder / "atlas.json").read_text())
    manifest["study"]["probe"] = True
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        latents: list[dict[str, Any]] = [
            {"latent": 7, "label": "lanterns", "value": 7.1, "share": 0.62, "map": "latent-7", "spans": [[5, 13, 7.1]]},
            {"latent": 5, "label": "<i>label</i>", "value": 2.5, "share": None, "map": None, "spans": [[0, 1, 2.5], [4, 5, 1.0]]},
        ]
        if "nonsense" in route.request.url:
            route.fulfill(status=400, json={"error": "the text is too long: 9 tokens of 8."})
        else:
            own = {"latent": 3, "label": "what is of the sea", "value": 0, "map": "latent-3", "spans": [], "rank": None}
            if "the%20sea" in route.request.url or "the+sea" in route.request.url:
                own |= {"value": 1.25, "spans": [[4, 7, 1.25]], "rank": 57}
            is_own = "latent=3" in route.request.url
            told = {"tokens": [[0, 1], [5, 13]], "n_firing": 213, "latents": latents, "asked": own if is_own else None}
            route.fulfill(json={**told, "ranked_by": "value" if "strongest" in route.request.url else "salience"})

    study.page.route("**/atlas.json", lambda route: route.fulfill(json=manifest))
    study.page.route("**/api/probe?*", answer)
    study.open("#map=latent-3")
    study.page.get_by_role("button", name="Try a text").click()
    own = study.page.locator("[data-probe-own]")
    study.page.locator("[data-probe-text]").fill("oh, the sea")
    study.page.keyboard.press("Enter")
    expect(own).to_contain_text("Latent 3, whose map this is, fires at 1.25, ranked 57th of 213 that fire.")
    expect(study.page.locator("[data-probe-tokens] mark")).to_have_text("the")
    study.page.locator("[data-probe-text]").fill("🦊 & a lantern?")
    study.page.keyboard.press("Enter")
    expect(own).to_contain_text("does not fire on this text.")
    expect(study.page.locator("[data-probe-tokens]")).to_have_text("🦊 & a lantern?")
    expect(study.page.locator("[data-probe-tokens] mark")).to_have_count(0)
    study.page.locator("[data-probe-latents] [aria-pressed]").first.click()
    expect(study.page.locator("[data-probe-tokens] mark")).to_have_text("lantern")
    assert asked[1].endswith("/api/probe?text=%F0%9F%A6%8A+%26+a+lantern%3F&latent=3")
    rows = study.page.locator("[data-probe-latents] [aria-pressed]")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("62 %")
    expect(rows.first).to_contain_text("7.1")
    expect(rows.last).to_contain_text("new")
    expect(study.page.locator("[data-ranked-by]")).to_contain_text("how rarely it fires")
    expect(rows.last).to_contain_text("<i>label</i>")
    rows.last.click()
    expect(study.page.locator("[data-probe-tokens] mark")).to_have_text(["🦊", "a"])
    study.page.get_by_role("button", name="Show latent 5 in the dictionary").click()
    study.wait()
    parts = study.hash_parts()
    assert (parts["map"], parts["item"]) == ("dictionary", "5")
    study.page.get_by_role("button", name="Try a text").click()
    before = study.pixels()
    study.page.locator("[data-probe-text]").fill("a lantern")
    study.page.keyboard.press("Enter")
    expect(study.page.locator("[data-probe-latents]")).to_be_visible()
    study.wait()
    assert study.pixels() != before, "the latents that fire are framed"
    study.page.locator("[data-probe-text]").fill("strongest")  # as a server answers whose atlas has no dictionary
    study.page.keyboard.press("Enter")
    expect(study.page.locator("[data-ranked-by]")).to_contain_text("ranked by activation")
    expect(study.page.locator("[data-probe-latents] [aria-pressed]").first).not_to_contain_text("%")
    study.page.locator("[data-probe-text]").fill("nonsense")
    study.page.keyboard.press("Enter")
    expect(study.page.locator("[data-probe-problem]")).to_have_text("the text is too long: 9 tokens of 8.")
    study.console_errors.clear()  # the browser reports the answer 400 itself


def test_an_answer_that_comes_after_its_panel_was_closed_changes_no_other_map(study: Visit, study_folder: Path) -> None:
    manifest = json.loads((study_folder / "atlas.json").read_text())
    manifest["study"]["probe"] = True
    waiting: list[Route] = []
    study.page.route("**/atlas.json", lambda route: route.fulfill(json=manifest))
    study.page.route("**/api/probe?*", lambda route: waiting.append(route))
    study.open("#map=latent-3")
    study.page.get_by_role("button", name="Try a text").click()
    study.page.locator("[data-probe-text]").fill("a lantern")
    study.page.keyboard.press("Enter")
    study.page.wait_for_timeout(100)
    study.press("Escape")
    study.page.locator("[data-dictionary]").click()
    expect(study.page.locator("main .stage")).to_have_attribute("aria-label", re.compile("dictionary"))
    study.wait()
    before = study.pixels()
    latents = [{"latent": 5, "label": "label", "value": 2.5, "share": 0.5, "map": None, "spans": [[0, 1, 2.5]]}]
    waiting[0].fulfill(json={"tokens": [[0, 1]], "n_firing": 1, "latents": latents, "asked": None, "ranked_by": "value"})
    study.page.wait_for_timeout(300)
    study.wait()
    assert study.console_errors == []
    assert study.pixels() == before, "nothing is framed for a text that was given up"


def test_a_number_in_the_dictionary_finds_its_latent(study: Visit) -> None:
    study.open("#map=dictionary")
    study.search("7")
    expect(study.page.locator("[data-found-number]").first).to_have_text("7")
    study.press("Enter")
    card = study.page.locator("aside[data-item='7']")
    expect(card.locator("dt")).to_have_text(["density", "state"])  # its number is told above, and its share in percent
    expect(card.locator("dd").first).to_have_text("32 %")
    expect(card.locator("[data-miniature]")).to_contain_text("Its own map in small")
    study.follow("#map=dictionary")
    study.search("11")
    expect(study.page.locator("[data-found-elsewhere]")).to_contain_text("1 is not on this map")


def test_a_map_that_looks_at_a_direction_shows_it_and_can_be_filtered_by_it(study: Visit, study_folder: Path) -> None:
    manifest = json.loads((study_folder / "atlas.json").read_text())
    entry = manifest["maps"]["latent-3"]
    gains = entry.pop("latent")["gain_cosine"]
    del entry["kind"], entry["tokens"]
    looks = {"name": "<b>formality</b>", "form": "direction", "column": None, "weight": 0.25, "scale": "rank", "transform": "linear"}
    entry["activation"] = {**looks, "gain_cosine": gains, "moran_i": 0.75}
    study.page.route("**/atlas.json", lambda route: route.fulfill(json=manifest))
    study.open("#map=latent-3")
    panel = study.page.locator("[data-conditioned]")
    expect(panel.get_by_role("heading")).to_have_text("<b>formality</b>")
    expect(panel).to_contain_text("0.25 × the difference of their ranks")
    expect(panel).to_contain_text("0.750")
    panel.locator("[data-low]").press("PageUp")
    expect(study.page.locator("[data-kept]")).to_contain_text(f"of {entry['n_items']} items")
    study.page.locator("[data-fidelity-chip]").click()
    expect(study.page.locator("[data-gain-cosine]").first).to_have_text("0.125")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_grave_in_a_study(visiting: Visiting, browser: Browser, study_site: str, theme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in viewer/")
    study = visiting(browser, study_site, bypass_csp=True, **KEEPS_STILL)
    study.open(f"#gallery&theme={theme}")
    study.page.add_script_tag(path=AXE)
    assert violations(study.page) == [], "the gallery"
    study.page.get_by_role("button", name="Try a text").click()
    assert violations(study.page) == [], "the probe without a server"
    study.page.locator("a[data-map=latent-3]").click()
    study.wait()
    assert violations(study.page) == [], "a latent's map"
    study.page.locator("[data-missed] button").click()
    expect(study.page.locator("[data-outcome-legend]")).to_be_visible()
    assert violations(study.page) == [], "a missed region"
    study.press("Escape")
    study.page.locator("#latent summary", has_text="What this map is").click()
    study.page.locator("[data-scores] summary").click()
    study.press("x")
    study.press("f")
    study.page.locator("#latent [data-low]").press("PageUp")
    study.wait()
    assert violations(study.page) == [], "filters and marks"
    study.page.locator("[data-top] [data-go]").first.click()
    study.wait()
    study.page.locator("[data-whereabouts] button").click()
    expect(study.page.locator("[data-whereabouts] a").first).to_be_visible()
    assert violations(study.page) == [], "an item with tinted tokens"
    study.follow("#map=dictionary&item=3")
    assert violations(study.page) == [], "the dictionary"
    study.page.set_viewport_size({"width": 400, "height": 800})
    study.open(f"#map=latent-3&theme={theme}")
    study.page.add_script_tag(path=AXE)
    expect(study.page.locator("[data-latent-peek]")).to_be_visible()
    assert violations(study.page) == [], "what is told of a latent on a narrow screen"
