"""Pages are taken apart rightly, whatever their form, and damaged ones get one clear message."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organokine.claims import check_text, page_of, read_page
from organokine.claims.sentences import quoted, split
from organokine.errors import DataError


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("Mice ran. They fell.", 2),
        ("We used e.g. C. elegans and D. Smith's mice at 0.5 mg. All lived.", 2),
        ("He fell (p = 0.04; cf. Fig. 2). “It works.” She left.", 3),
        ("Worms of C. elegans lived. In vitamin C. The end.", 3),
        ("One sentence without an end", 1),
        ("Ph.D. students of Dr. Lee measured approx. 20 mice vs. 20 rats.", 1),
        ("Wait... And then? Yes! Done.", 4),
    ],
)
def test_sentences(text, n):
    assert len(split(text)) == n


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_cutting_loses_nothing_but_blanks(text):
    tidy = " ".join(text.split())
    assert "".join("".join(split(tidy)).split()) == "".join(tidy.split())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"It works," he said.', ["It works,"]),
        ("He said: “The ‘magic’ works” and left.", ["The ‘magic’ works"]),
        ("It's a mouse's tail, isn't it?", []),
        ('A 5" screen', []),
    ],
)
def test_quotes(text, words):
    spans = quoted([text])[0]
    assert [text[start:end] for start, end in spans] == words


def test_a_quote_may_run_over_sentences():
    found = quoted(['"It works.', "It cures.", 'Really," he said.'])
    assert [len(spans) for spans in found] == [1, 1, 1]


HEADERS = {
    "table of two columns": "<table><tr><th><p>Population</p></th><td><p>Human <b>participants</b></p></td></tr></table>",
    "table with a head": "<table><tr><th>Population<th>Design<tr><td>Human participants<td>Trial</table>",
    "list of terms": "<dl><dt>Population</dt><dd>Human participants</dd></dl>",
    "unclosed list": "<dl><dt>Population<dd>Human participants</dl>",
    "bold": "<p><b>Population:</b> Human participants &nbsp; <b>Study type:</b> trial</p>",
    "lines": "<p>Population: Human participants<br>Study type: trial</p>",
    "label and value": "<div>Population</div><div>Human participants</div>",
    "badge": "<div><span class='badge'>Human participants</span> <span class='badge'>Trial</span></div>",
    "meta": "<meta name='study-population' content='Human participants'>",
    "question": "<h2>Who was studied?</h2><p>Human participants</p>",
    "JSON-LD": "<script type='application/ld+json'>{'population': 'Human participants'}</script>".replace("{'", '{"')
    .replace("': '", '": "')
    .replace("'}", '"}'),
    "JSON-LD type": '<script type="application/ld+json">[{"@graph": [{"@type": ["MedicalTrial"]}]}]</script>',
    "FAQ in JSON-LD": '<script type="application/ld+json">{"@type":"FAQPage","mainEntity":{"@type":"Question","name":"Who was studied?",'
    '"acceptedAnswer":{"@type":"Answer","text":"Human participants"}}}</script>',
    "front matter": "---\npopulation: Human participants\n---\n",
    "Markdown table": "| | |\n|---|---|\n| **Population** | Human participants |\n\n",
    "Markdown table with a head": "| Population | n |\n|---|---|\n| Human participants | 4 |\n\n",
    "Markdown line": "**Population:** Human participants | **n:** 4\n\n",
    "Markdown question": "**Who was studied?** Human participants\n\n",
    "Markdown heading": "## Participants\n\nHuman participants\n\n",
    "item": "- Population: Human participants\n- n: 4\n\n",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_is_read_in_every_form(header):
    is_html = header.startswith("<")
    body = "The protein of the muscle was higher in old mice (n = 8) than in young mice (n = 8)."
    assert check_text(header + (f"<p>{body}</p>" if is_html else body), is_html=is_html).verdict == "contradiction"


def test_what_nobody_sees_is_not_read():
    page = page_of(
        "<head><style>p {color: red}</style><script>var cured = 'patients';</script></head><!-- hidden -->"
        "<p>The mice lived.</p><p hidden>unseen</p><div style='display: none'><p>unseen too</p></div><template>x</template>",
        is_html=True,
    )
    assert [sentence.text for sentence in page.sentences] == ["The mice lived."]


def test_json_ld_that_is_damaged_is_told_and_the_page_still_read():
    page = page_of("<script type='application/ld+json'>{oops</script><p>The mice lived.</p>", is_html=True)
    assert page.remarks == ("a JSON-LD block is not valid JSON and was left out",)
    assert len(page.sentences) == 1


def test_text_that_a_page_repeats_for_machines_is_read_once():
    page = page_of("<title>Old mice</title><meta name='description' content='Old mice'><h1>Old mice</h1>", is_html=True)
    assert len(page.sentences) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path, encoding):
    path = tmp_path / "page.txt"
    path.write_bytes("The “mice” of the café were old.".encode(encoding))
    assert read_page(path).sentences[0].text == "The “mice” of the café were old."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no text"),
        (b"  \n\n", "no text"),
        (b"<html><script>x</script></html>", "no text"),
        (b"%PDF-1.7 and so on", "a PDF"),
        (b"PK\x03\x04rest", "zip archive"),
        (b"\x00\x01\x02" * 9, "not text"),
        (b"word " * 500_000, "larger than 2 MB"),
        ("这项研究在小鼠中进行，没有在人体中测试，结果不能推广到患者身上。这很重要。".encode(), "English"),
        ((b"La proteina fue mas alta en ratones viejos que en ratones jovenes, y los autores creen que puede ser importante para los "
         b"pacientes con problemas de equilibrio, aunque todavia no se ha probado en personas ni en otros animales mayores"), "English"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_gets_one_clear_message(tmp_path, content, message):
    path = tmp_path / "page.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_page(path)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Bei alten Mäusen war das Protein im Muskel höher. Es wird bald Patienten heilen.",
        "Le gène est lié au vieillissement chez les souris.",
        "La proteína es más alta en los ratones viejos que en los jóvenes.",
        "在老年小鼠中该蛋白在肌肉中较高",
    ],
)
def test_a_short_text_in_another_language_is_refused(text):
    with pytest.raises(DataError, match="English"):
        page_of(text)


@pytest.mark.parametrize(
    "text", ["Exercise hormone reverses dementia", "Old mice die sooner: IL-1β again", "Pilot study in Los Angeles"]
)
def test_a_headline_is_read_though_it_has_no_common_word(text):
    assert len(page_of(text).sentences) > 0


def test_a_missing_file_and_a_folder_get_one_clear_message(tmp_path):
    for path in (tmp_path / "absent.txt", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            read_page(path)


@given(st.text(alphabet="<>/!-a b\"'=&;?[]{}:|#*_`.\n", max_size=200), st.booleans())
def test_no_text_makes_it_stumble(text, is_html):
    with suppress(DataError):
        check_text(f"The mice of this study. {text}", is_html=is_html)


DAMAGED_TEXT = ("<!--", "<", "*a", "[a](", "1,", "..", "not the ", "12 of the ", "Population: ")
DAMAGED_HTML = ("<", "<!--", '<a href="', "<![CDATA[", "<td>")


@pytest.mark.parametrize(
    ("piece", "is_html"), [(piece, False) for piece in DAMAGED_TEXT] + [(piece, True) for piece in DAMAGED_HTML]
)
def test_time_grows_with_length_and_no_faster(piece, is_html):
    def seconds(length: int) -> float:
        text = "The mice of this study were old. " + piece * (length // len(piece))
        start = time.process_time()
        with suppress(DataError):
            check_text(text, is_html=is_html)
        return time.process_time() - start

    short, long = seconds(4_000), seconds(32_000)
    assert long < 0.15 + 8 * 3 * short  # eight times the length; quadratic time would take 64 times as long
