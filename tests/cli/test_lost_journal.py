"""A folder with results, and no journal that explains them: nothing in it is paid for again."""

from typing import Any

import pytest
from tests.cli.conftest import Batches

from akool_batch.batch import Options, open_batch
from akool_batch.journal import JournalError
from akool_batch.states import State


@pytest.mark.parametrize("loss", ["emptied", "taken away", "a new one elsewhere"])
def test_a_batch_whose_journal_was_lost_is_not_paid_again(batches: Batches, loss: str) -> None:
    batches.images(5)
    with open_batch(Options(batches.manifest, batches.out), "test") as batch:
        batch.report(batch.outcome(), [])
    (batches.out / "report.csv").unlink()
    batches.run()
    journal = batches.out / "batch.sqlite"
    options: dict[str, Any] = {}
    if loss == "emptied":
        journal.write_bytes(b"")
    elif loss == "taken away":
        journal.unlink()
    else:
        options = {"journal": batches.out.parent / "other.sqlite"}
    for _ in range(2):
        with pytest.raises(JournalError, match="--new-journal"):
            batches.run(**options)
    assert batches.submits() == 5
    for path in batches.out.glob("r*.jpg"):
        path.unlink()
    with pytest.raises(JournalError, match=r"report\.html"):
        batches.run(**options)
    assert batches.run(new_journal=True, **options).counts == {State.SAVED: 5}
    assert batches.submits() == 10
    assert batches.run(**options).counts == {State.SAVED: 5}


def test_a_row_added_later_does_not_overwrite_a_file_that_nobody_explains(
    batches: Batches,
) -> None:
    batches.images(2)
    batches.run()
    (batches.out / "r2.png").write_bytes(b"of somebody else")
    batches.images(3)
    with pytest.raises(JournalError, match=r"r2\.png"):
        batches.run()
    assert batches.submits() == 2


def test_a_batch_that_could_send_nothing_goes_on_beside_its_report(batches: Batches) -> None:
    batches.images(2)
    batches.mock.control.add_fault("code=1006", operation="swapImage", times=2)
    with open_batch(Options(batches.manifest, batches.out), "test") as batch:
        batch.report(batch.outcome(), [])
    batches.run()
    batches.mock.control.drop_faults()
    assert batches.run().counts == {State.SAVED: 2}
