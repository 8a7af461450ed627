"""A model of the delivery machine against an adversarial server: never two, never half, never lost.

Hypothesis chooses what happens: files come, workers crash at any point or stand still beyond their leases, answers
are lost after they took effect, lines drop, the server goes down, the partner takes files whenever it likes. At the
end everything is healed, and every file must have arrived once. `make chaos` runs many more examples.
"""

import os

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core import failpoints
from core.models import File, Problem, Server
from tests.factories import IntegrationFactory, PartnerFactory
from tests.faults.working import CRASH_POINTS, deliver_again, worker
from tests.outbox_files import sealed_file

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "10"))
STEPS = 10
LOST_REPLIES = ["rename", "lstat", "close", "fsync", "write", "open", "remove"]
FAULTS = [{}, *({"lose_reply": request} for request in LOST_REPLIES), *({"close_after_files": n} for n in (1, 2, 4))]
POINTS = list(reversed(CRASH_POINTS))
WAYS = ["crash", "still", "raise"]
MEANWHILE = [
    "nothing",
    "the_partner_takes_what_is_there",
    "the_worker_that_stood_still_goes_on",
    "another_file_is_sealed",
    "the_server_is_down_for_a_while",
]


class Delivery(RuleBasedStateMachine):
    """One server of its own for each example, and what the partner did with its folder."""

    world = None
    count = 0

    def __init__(self):
        super().__init__()
        Delivery.count += 1
        self.sim, self.folder = self.world.sftp, f"/example-{self.count}"
        self.place = self.world.root / self.folder[1:]
        self.place.mkdir()
        self.sim.faults.heal()
        self.integration = self._integration()
        self.sent, self.taken, self.zombie = {}, [], None
        self.already = len(self.sim.taken)

    def _integration(self):
        first = self.world.integrations[0]
        server = self.world.server(first.tenant, name=f"server-{self.count}")
        Server.objects.filter(pk=server.pk).update(options={"checksum": "sha256", "trigger": "{name}.done"})
        partner = PartnerFactory(tenant=first.tenant, server=server)
        return IntegrationFactory(tenant=first.tenant, organisation=first.organisation, partner=partner)

    @initialize(count=st.integers(1, 3))
    def files_are_sealed(self, count):
        for _ in range(count):
            self.another_file_is_sealed()

    @rule(
        before=st.sampled_from(MEANWHILE),
        fault=st.sampled_from(FAULTS),
        takes=st.booleans(),
        point=st.sampled_from(POINTS),
        how=st.sampled_from(WAYS),
    )
    def a_delivery_goes_wrong(self, before, fault, takes, point, how):
        """All in one rule, so that every step is an attack."""
        getattr(self, before)()
        self.sim.faults.heal()
        self.sim.faults.takes_files = takes
        for name, value in fault.items():
            setattr(self.sim.faults, name, value)
        if how == "still" and self.zombie is None:
            self._stand_still(point)
        else:
            failpoints.arm(point, "crash" if how == "still" else how)
            deliver_again(self.file, times=1)
        failpoints.disarm(point)

    def nothing(self):
        """Happens meanwhile."""

    def another_file_is_sealed(self):
        name = f"{len(self.sent)}.csv"
        self.file, self.sent[name] = sealed_file(self.integration, name=name, rows=2, folder=self.folder)

    def the_worker_that_stood_still_goes_on(self):
        if self.zombie is not None:
            gate, thread = self.zombie
            gate.open.set()
            thread.join(60)
            self.zombie = None

    def the_partner_takes_what_is_there(self):
        for path in self.place.iterdir():
            if not path.name.endswith(".tmp"):
                self.taken.append((path.name, path.read_bytes()))
                path.unlink()

    def the_server_is_down_for_a_while(self):
        self.sim.stop()
        deliver_again(self.file, times=1)
        self.sim.start()

    def _stand_still(self, point):
        gate = failpoints.block(point)
        thread = worker(deliver_again, self.file, 1)
        while thread.is_alive() and not gate.reached.wait(0.01):
            pass
        if gate.reached.is_set():
            self.zombie = (gate, thread)

    def _received(self):
        there = [(path.name, path.read_bytes()) for path in self.place.iterdir() if not path.name.endswith(".tmp")]
        took = [(path.rpartition("/")[2], data) for path, data in self.sim.taken[self.already :]]
        return there + took + self.taken

    @invariant()
    def nothing_is_there_twice_or_half(self):
        received = self._received()
        names = [name for name, _ in received]
        assert len(names) == len(set(names)), sorted(names)
        assert all(data == self.sent[name] for name, data in received if name.endswith(".csv"))

    def teardown(self):
        self.the_worker_that_stood_still_goes_on()
        self.sim.faults.heal()
        if self.sent:
            deliver_again(self.file, times=4 + 2 * len(self.sent))
            self._everything_arrived_or_says_why()
        self.nothing_is_there_twice_or_half()

    def _everything_arrived_or_says_why(self):
        names = {name for name, _ in self._received()}
        for file in File.objects.filter(integration=self.integration):
            if file.state == "delivered":
                assert {file.name, f"{file.name}.sha256", f"{file.name}.done"} <= names
            else:
                assert file.state in ("held", "failed"), file.state
                about = Q(file=file) | Q(server=file.server_id)
                assert Problem.objects.filter(about, state="open").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(3600)
def test_whatever_happens_each_file_arrives_once_and_whole(world):
    Delivery.world = world
    run_state_machine_as_test(
        Delivery,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
