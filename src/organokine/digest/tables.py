"""Tables of the views for experts, made of facts and judgements of the card."""

from __future__ import annotations

from typing import Any

from organokine.digest.cited import EFFECTS
from organokine.digest.sentence import Name, Parts, Quote, Row, Table
from organokine.digest.voice import Voice

NONE = "–"


def chain_table(voice: Voice) -> Table:
    """State and certainty of every link, with every step down."""
    rows = []
    for line in voice.card["hasEvidenceLines"]:
        steps = "; ".join(f"{step['steps']:+d} {step['domain']}: {step['reason']}" for step in line["steps"])
        cells: tuple[Parts, ...] = (
            (f"{line['id']} ", Quote(line["name"])),
            (voice.state(line["id"]),),
            (voice.certainty(line["id"]),),
            (Quote(line["reason"]),),
            (line["starts_from"].replace("_", " "), "" if steps == "" else f"; {steps}"),
        )
        rows.append(Row(cells, (f"link:{line['id']}",)))
    head = ("Link", "State", "Certainty", "Why", "Starts from, and steps")
    return Table(f"The chain in {voice.who}: seven links, each with its own certainty", head, tuple(rows))


def effects_table(voice: Voice) -> Table:
    """Every effect with its interval, its error rates and its animals."""
    rows = []
    for name, fact in voice.card["facts"].items():
        if fact["kind"] not in EFFECTS:
            continue
        ends, value = fact["interval"], fact["value"]
        shown = f"{value:.3g}" if isinstance(value, (int, float)) else _word(value)
        tested = "" if fact["tested"] is None or fact["q"] is None else f" over {fact['tested']}"
        cells: tuple[Parts, ...] = (
            (Quote(fact["label"]),),
            (shown, "" if fact["unit"] == "" else " ", Quote(fact["unit"])),
            (NONE if ends is None else f"{ends[0]:.3g} to {ends[1]:.3g}",),
            (_number(fact["p"]),),
            (f"{_number(fact['q'])}{tested}",),
            _counted(fact["n"]["by_group"]),
        )
        rows.append(Row(cells, (name,)))
    head = ("Effect", "Value", "95 % interval", "p", "q", "n")
    return Table(f"Effects in {voice.who}: value, interval, error rates, and how many", head, tuple(rows))


def _word(value: object) -> str:
    return NONE if value is None else str(value).replace("_", " ")


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.3g}"


def _counted(counts: dict[str, int]) -> Parts:
    parts: list[Any] = []
    for level, n in counts.items():
        parts += [", "] * (len(parts) > 0) + [str(n), " (", Name(level), ")"]
    return tuple(parts) if len(parts) > 0 else (NONE,)


def flags_table(voice: Voice) -> Table:
    """Contradictions and over-claims."""
    rows = tuple(
        Row(((flag["rule"],), (flag["severity"].replace("_", " "),), (Quote(flag["message"]),), (", ".join(flag["links"]) or NONE,)), (f"flag:{flag['rule']}",))
        for flag in voice.card["flags"]
    )  # fmt: skip
    return Table(f"Flags of the study in {voice.who}", ("Rule", "Severity", "Finding", "Links"), rows)


def tests_table(voice: Voice) -> Table:
    """Tests across the chain."""
    rows = tuple(
        Row(((test["name"].replace("_", " "),), (Quote(test["question"]),), (test["state"].replace("_", " "),), (Quote(test["reason"]),)), (f"test:{test['name']}",))
        for test in voice.card["tests"]
    )  # fmt: skip
    return Table(f"Tests across the chain, in {voice.who}", ("Test", "Question", "State", "Why"), rows)


def bias_table(voice: Voice) -> Table:
    """Items of SYRCLE with their badges."""
    rows = tuple(
        Row(((str(item["item"]), " ", Quote(item["name"])), (item["risk"],), (item["badge"].replace("_", " "),), (Quote(item["reason"]),)), (f"bias:{item['item']}",))
        for item in voice.card["bias"]
    )  # fmt: skip
    return Table("Risk of bias by the items of SYRCLE; no total", ("Item", "Risk", "Badge", "Why"), rows)


def next_table(voice: Voice) -> Table:
    """The next experiment of each open link, with the result that would refute it."""
    rows = tuple(
        Row(
            (
                (each["closes"],),
                (Quote(each["design"]),),
                ("not known" if each["n_per_group"] is None else str(each["n_per_group"]),),
                (Quote(each["basis"]),),
                (Quote(each["refuted_by"]),),
            ),
            (f"next:{each['closes']}",),
        )
        for each in voice.card["next_experiment"]
    )
    head = ("Closes", "Design", "Animals per group", "That number rests on", "What would speak against it")
    return Table(f"Next experiments in {voice.who}, the weakest link first", head, rows)


def sensitivity_table(voice: Voice) -> Table:
    """Thresholds whose move changes a word."""
    rows = tuple(
        Row(
            (
                (row["threshold"].replace("_", " "),),
                (f"{row['moved']} to {row['to']:.3g}",),
                (
                    "; ".join(
                        f"{each['what']}: {_moved(each['from'])} to {_moved(each['to'])}" for each in row["changes"]
                    ),
                ),
            ),
            ("card:sensitivity",),
        )
        for row in voice.card["sensitivity"]
        if len(row["changes"]) > 0
    )
    return Table("Thresholds are conventions; these moves change a word", ("Threshold", "Move", "Changes"), rows)


def _moved(word: str) -> str:
    return "none" if word == "" else word.replace("_", " ")


def provenance_table(voice: Voice) -> Table:
    """Inputs and their hashes, and how to run it again."""
    given = voice.card["provenance"]
    pairs = [
        ("organokine", given["organokine"]),
        ("parameters", given["parameters_sha256"]),
        ("seed", str(given["seed"])),
        ("again", given["rerun"]),
    ]
    pairs += [(each["file"], each["sha256"]) for each in given["inputs"]]
    rows = tuple(
        Row(((Quote(name),) if place > 3 else (name,), (Quote(value),)), ("card:provenance",))
        for place, (name, value) in enumerate(pairs)
    )
    return Table("What it was made from", ("What", "Version or hash"), rows)
