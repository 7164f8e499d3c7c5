"""From runs to decisions: fresh runs, coin-ordered pairs, one figure a run, sequential tests, guards."""
