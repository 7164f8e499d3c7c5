"""One object for all samples that come from one place: a profile has millions of samples and few origins."""

from pesquared.core.profile import Origin

_MOST = 1 << 16  # remembered; a hostile file has a new one for each sample


class Origins(dict[Origin, Origin]):
    """Asked for an origin, gives the first that was equal to it."""

    def __missing__(self, origin: Origin) -> Origin:
        if len(self) < _MOST:
            self[origin] = origin
        return origin
