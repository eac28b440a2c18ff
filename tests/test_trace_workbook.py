"""The workbook of convx.trace: recalculated by LibreOffice, its formulas give NumPy's numbers."""

import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import convx
import numpy as np
import pytest
from convx import reference
from trace_networks import MADE_IMAGE, digits_by_numpy, made_layers, made_outputs, relu

openpyxl = pytest.importorskip("openpyxl")
SOFFICE = shutil.which("soffice")


def cells_of(sheet: Any, area: Any) -> Any:
    return sheet.iter_rows(area.min_row, area.max_row, area.min_col, area.max_col)


class Book:
    """A workbook with the values that its formulas have."""

    def __init__(self, path: Path) -> None:
        self.book = openpyxl.load_workbook(path, data_only=True)

    def maps(self, layer: int) -> Any:
        """The values of a layer's maps, found by the names above them, padding and colours left out."""
        sheet = self.book[f"Layer {layer} maps"]
        names = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("map ")]
        areas = sorted(
            (next(iter(area.sqref.ranges)) for area in sheet.conditional_formatting),
            key=lambda area: (area.min_row, area.min_col),
        )
        assert len(names) == len(areas)
        return np.array([[[cell.value for cell in row] for row in cells_of(sheet, area)] for area in areas], float)

    def sums(self, layer: int, head: str) -> Any:
        """A column of a table of sums."""
        sheet = self.book[f"Layer {layer} sums"]
        (column,) = [cell.column for cell in sheet[3] if cell.value == head]
        return np.array([row[column - 1] for row in sheet.iter_rows(min_row=4, values_only=True)], float)

    def start(self) -> dict[str, Any]:
        """The first sheet's rows by their first cells."""
        rows = self.book["Start"].iter_rows(min_row=5, values_only=True)
        return {str(first): others for first, *others in rows if first is not None}

    def errors(self) -> list[str]:
        cells = (cell for sheet in self.book for row in sheet.iter_rows() for cell in row)
        return [f"{cell.parent.title}!{cell.coordinate}" for cell in cells if cell.data_type == "e"]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Book]:
    """The workbook of the digits, the same with the switch in the wrong place, and that of the made network."""
    if SOFFICE is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    folder = tmp_path_factory.mktemp("trace")
    network = convx.networks.digits()
    convx.trace(network.layers, network.images[3], classes=network.classes).save_xlsx(folder / "right.xlsx")
    convx.trace(made_layers(), MADE_IMAGE).save_xlsx(folder / "made.xlsx")
    book = openpyxl.load_workbook(folder / "right.xlsx")
    (choices,) = book["Start"].data_validations.dataValidation
    assert choices.formula1 == '"after the sum,per input map"'
    book["Start"][str(choices.sqref)].value = "per input map"
    book.save(folder / "wrong.xlsx")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    files = [str(path) for path in sorted(folder.glob("*.xlsx"))]
    command = [SOFFICE, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "out"), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return {path.stem: Book(path) for path in (folder / "out").glob("*.xlsx")}


@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
def test_digits_are_numpys(books: dict[str, Book]) -> None:
    book, expected = books["right"], digits_by_numpy(right=True)
    assert book.errors() == []
    for layer, maps in enumerate(expected):
        np.testing.assert_allclose(book.maps(layer), maps, rtol=0, atol=1e-9)
    start = book.start()
    assert start["predicted class"][0] == "3"
    chances = np.exp(expected[-1]) / np.exp(expected[-1]).sum()
    assert [start[str(k)][1] for k in range(10)] == pytest.approx(chances.ravel().tolist(), abs=1e-9)
    assert start["Layer 2, Conv2d"][4] < 1e-5  # from convx's float32


@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
def test_switch_puts_the_activation_in_the_wrong_place(books: dict[str, Book]) -> None:
    book, right, wrong = books["wrong"], digits_by_numpy(right=True), digits_by_numpy(right=False)
    assert book.errors() == []
    for layer, maps in enumerate(wrong):
        np.testing.assert_allclose(book.maps(layer), maps, rtol=0, atol=1e-9)
    assert np.abs(wrong[2] - right[2]).max() > 1
    assert book.start()["predicted class"][0] == str(wrong[-1].argmax()) == "1"
    assert book.start()["Layer 2, Conv2d"][2] > 200  # how many values it changes


@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
def test_made_network_is_numpys(books: dict[str, Book]) -> None:
    """Strides, groups, dilation, borders, ceil_mode, a transposed convolution, every pool."""
    book = books["made"]
    assert book.errors() == []
    for layer, expected in enumerate(made_outputs()):
        np.testing.assert_allclose(book.maps(layer), expected[0], rtol=0, atol=1e-5)
    leaky, clamped = book.sums(1, "sum + bias"), book.sums(3, "sum + bias")
    np.testing.assert_allclose(book.sums(1, "activation after the sum"), np.where(leaky > 0, leaky, 0.1 * leaky))
    np.testing.assert_allclose(book.sums(3, "activation after the sum"), np.clip(clamped, 0, 6))


@pytest.mark.filterwarnings("ignore")  # those of a package that is not ours
def test_a_small_network_in_another_evaluator(tmp_path: Path) -> None:
    """Without LibreOffice too: two maps in, two out, ReLU in either place."""
    formulas = pytest.importorskip("formulas")
    random = np.random.default_rng(0)
    image, weight, bias = (random.standard_normal(shape) for shape in ((2, 4, 4), (2, 2, 3, 3), 2))
    layers = [convx.Conv2d(weight, bias, padding=1, activation="relu"), partial(convx.avg_pool2d, kernel_size=4)]
    convx.trace(layers, image, classes=["cat", "dog"]).save_xlsx(tmp_path / "small.xlsx")
    shares = [reference.conv2d(image[[c]], weight[:, [c]], padding=1) for c in range(2)]
    biased = bias[:, np.newaxis, np.newaxis]
    expected = {
        "after the sum": relu(sum(shares) + biased),
        "per input map": sum(relu(share) for share in shares) + biased,
    }
    for place, maps in expected.items():
        book = openpyxl.load_workbook(tmp_path / "small.xlsx")
        book["Start"]["B6"].value = place
        book.save(tmp_path / "small.xlsx")
        found = formulas.ExcelModel().loads(str(tmp_path / "small.xlsx")).finish().calculate()
        cells = {name.rpartition("!")[2]: cell for name, cell in found.items() if "]START'!" in name}
        scores = [float(cells[name].value[0, 0]) for name in ("B12", "B13")]
        assert scores == pytest.approx(maps.mean(axis=(1, 2)).tolist(), abs=1e-9)
        assert cells["B8"].value[0, 0] == ["cat", "dog"][int(np.argmax(scores))]
        assert cells["D16"].value[0, 0] == (np.abs(expected["after the sum"] - expected["per input map"]) > 1e-6).sum()


def test_sheets_and_limits(tmp_path: Path) -> None:
    """Without LibreOffice: what is there, and what is refused."""
    network = convx.networks.digits()
    trace = convx.trace(network.layers, network.images[2], classes=network.classes, title="Digits")
    trace.save_xlsx(tmp_path / "digits.xlsx")
    book = openpyxl.load_workbook(tmp_path / "digits.xlsx")
    kinds = {0: ("filters", "sums"), 1: (), 2: ("filters", "sums"), 3: ("filters", "sums")}
    layers = [f"Layer {number} {kind}" for number, parts in kinds.items() for kind in (*parts, "maps")]
    assert book.sheetnames == ["Start", "Image", *layers]
    assert book["Start"]["A1"].value == "Digits"
    assert all(sheet.freeze_panes for sheet in book.worksheets[1:])
    assert str(book["Layer 2 sums"]["D4"].value).startswith("=SUMPRODUCT('Layer 1 maps'!")
    with pytest.raises(ValueError, match=r"^save_xlsx: a workbook must hold at most 200000 cells"):
        convx.trace(network.layers[:2], np.zeros((1, 60, 60), np.float32)).save_xlsx(tmp_path / "large.xlsx")
    with pytest.raises(ValueError, match=r"^save_xlsx: values must be finite"):
        convx.trace(network.layers[:1], np.full((1, 4, 4), np.inf, np.float32)).save_xlsx(tmp_path / "inf.xlsx")


def test_openpyxl_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    network = convx.networks.digits()
    with pytest.raises(ImportError, match="a workbook needs openpyxl: pip install openpyxl"):
        convx.trace(network.layers, network.images[2]).save_xlsx(tmp_path / "x.xlsx")
