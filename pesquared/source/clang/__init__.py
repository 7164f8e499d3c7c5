"""C and C++ through libclang: from the build's flags to definitions, and from a definition to its context.

The way through: ``compile_commands`` says how each unit is compiled, ``locator`` which files may define a name,
``unit`` parses one unit, ``definitions`` lists what it defines, ``resolve`` picks the one that a symbol means,
``context`` gathers what surrounds it. ``index`` holds them together.
"""
