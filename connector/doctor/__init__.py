"""Doctor: what stands in the way of an installation's work, in plain sentences. It looks and changes nothing."""

from connector.doctor.checks import Check, Standing
from connector.doctor.examination import examine

__all__ = ["Check", "Standing", "examine"]
