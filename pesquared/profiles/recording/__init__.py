"""Recording a profile with perf."""
