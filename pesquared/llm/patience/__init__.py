"""When to ask again: pauses, the circuit breaker, and what a provider asked to be waited for."""
