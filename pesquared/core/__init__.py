"""The nouns of the house: frozen dataclasses that pass between rooms, the Protocols where things plug in, events.

Standard library only. Nothing here does I/O.
"""
