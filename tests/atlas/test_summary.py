import json

from vista.atlas import Atlas, describe, fidelity_line, summary_lines


def test_the_summary_says_what_the_atlas_holds_and_how_it_was_made(sample: Atlas) -> None:
    text = "\n".join(summary_lines(sample.manifest, "somewhere"))
    assert "Sample of discs (somewhere)" in text
    assert "120 items, text from 'text', 120 pictures, 20 cosine neighbors (exact), columns group, year" in text
    assert "R_NX area 0.610 (shuffled: 0.000, -0.003 to 0.004), exact" in text
    assert "discs.csv (12.3 KB" in text
    assert "1 items, the first broken.png (not a picture)" in text


def test_the_summary_cannot_steer_a_terminal(sample: Atlas) -> None:
    hostile = {**sample.manifest, "title": "\x1b[2Jgone\nline", "warnings": ["\x07bell"]}
    lines = summary_lines(hostile, "somewhere")  # type: ignore[arg-type]
    assert all(line.isprintable() for line in lines)


def test_the_description_is_json(sample: Atlas) -> None:
    described = json.loads(json.dumps(describe(sample.manifest, sample.path)))
    assert [entry["id"] for entry in described["maps"]] == ["main"]
    assert described["maps"][0]["fidelity"]["rnx_area"] == 0.61
    assert described["n_bytes"] == sum(
        path.stat().st_size for path in sample.path.rglob("*") if path.is_file() and path.name != "atlas.json"
    )


def test_an_estimate_says_how_many_items_were_asked(sample: Atlas) -> None:
    fidelity = {**sample.maps["main"].fidelity, "exact": False, "n_queries": 2000}
    assert "estimated from 2,000 items" in fidelity_line(fidelity)  # type: ignore[arg-type]


def test_a_figure_that_is_not_defined_is_not_invented(sample: Atlas) -> None:
    fidelity = {**sample.maps["main"].fidelity, "rnx_area": None}
    assert fidelity_line(fidelity) == "not defined for so few items"  # type: ignore[arg-type]
