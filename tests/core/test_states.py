"""States move along their tables only."""

import pytest

from core import states
from core.models import Export
from core.moves import move, sources
from core.states import EXPORT_MOVES, ExportState
from tests.factories import ExportFactory

TABLES = {
    states.FetchState: states.FETCH_MOVES,
    states.RunState: states.RUN_MOVES,
    states.ExportState: states.EXPORT_MOVES,
    states.FileState: states.FILE_MOVES,
    states.AckOutcome: states.ACK_MOVES,
    states.InboundState: states.INBOUND_MOVES,
}


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_tables_name_known_states_only_and_every_state_can_be_reached(kind):
    table = TABLES[kind]
    reached = {target for targets in table.values() for target in targets}
    assert set(table) | reached == set(kind)


@pytest.mark.django_db
def test_a_row_moves_only_from_the_states_that_allow_it():
    pending, delivered = ExportFactory(), ExportFactory(state=ExportState.DELIVERED)
    assert move(Export.objects.all(), moves=EXPORT_MOVES, to=ExportState.HELD) == 1
    pending.refresh_from_db()
    delivered.refresh_from_db()
    assert (pending.state, delivered.state) == ("held", "delivered")


def test_a_move_that_no_table_lists_cannot_be_written():
    assert sources(EXPORT_MOVES, ExportState.DELIVERED) == ["formatted"]
    with pytest.raises(ValueError, match="leads to"):
        move(Export.objects.none(), moves=EXPORT_MOVES, to=ExportState.DELIVERED, only_from=[ExportState.HELD])
