"""How a run is asked to stop: politely, so that what is being measured is finished and saved."""


class StopRequest:
    """Set from a signal handler, looked at between steps."""

    def __init__(self) -> None:
        self.requested = False

    def request(self) -> None:
        self.requested = True
