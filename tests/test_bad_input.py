"""Bad input gets the right exception with a message that names function, argument, rule and value."""

import pytest
from bad_calls import Bad, check
from bad_input import TABLE
from checks import run_python


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_bad_input(row: Bad) -> None:
    check(row)


def test_bad_input_never_ends_the_process() -> None:
    """Every row in a process of its own, under each instruction set's default: no signal, no exit."""
    done = run_python("import runpy; runpy.run_module('bad_input', run_name='__main__')")
    last = done.stdout.splitlines()[-2:]
    assert done.returncode >= 0, f"killed by signal {-done.returncode} after {last}"
    assert last[-1].startswith(f"{len(TABLE)} rows tried"), done.stderr


def test_every_numbered_row_is_tested() -> None:
    """Rows 20, 28, 43, 44, 45, 47 and 49 are accepted input: test_good_input.py."""
    here = {row.row for row in TABLE}
    assert here >= {*range(1, 20), *range(21, 28), *range(29, 36), 46, 48, 50}


def test_bad_input_with_every_algorithm(algorithm: str, isa: str) -> None:
    """The validator stands before the choice of an algorithm."""
    for row in TABLE:
        if row.function in ("conv2d", "Conv2d") and "algorithm" not in row.arguments:
            check(row._replace(arguments={**row.arguments, "algorithm": algorithm}))
