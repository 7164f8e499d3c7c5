"""The rungs that a candidate climbs before it is measured: build, tests, output, cases."""
