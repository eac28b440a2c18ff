"""The C++ sources as the house rules see them: code without comments and strings."""

import re
from pathlib import Path

from checks import ROOT

CPP = ROOT / "cpp"
SUFFIXES = (".cpp", ".h")

_TOKEN = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+'""",
    re.DOTALL | re.VERBOSE,
)


def code_of(text: str) -> str:
    """The text with comments blanked and literals emptied; lines keep their numbers, #include keeps its "file"."""

    def blank(match: re.Match[str]) -> str:
        token = match.group()
        if token.startswith('"') and re.search(r"#\s*include\s*$", text[: match.start()].rpartition("\n")[2]):
            return token
        quote = token[0] if token[0] in "\"'" else ""
        return quote + "\n" * token.count("\n") + quote

    # A separator such as 1'000'000 is no literal.
    return _TOKEN.sub(blank, re.sub(r"(?<=\d)'(?=\d)", "", text))


def sources(folder: str) -> list[Path]:
    """All sources below cpp/<folder>."""
    return sorted(path for path in (CPP / folder).rglob("*") if path.suffix in SUFFIXES)


def matches(paths: list[Path], pattern: str) -> list[str]:
    """file:line: text of every line of code that the pattern is found in."""
    found = []
    for path in paths:
        for number, line in enumerate(code_of(path.read_text()).splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    return found


def includes(path: Path) -> list[str]:
    """What a source includes, as written: "file" or <file>."""
    return re.findall(r"^\s*#\s*include\s*([<\"][^>\"]+[>\"])", code_of(path.read_text()), re.MULTILINE)
