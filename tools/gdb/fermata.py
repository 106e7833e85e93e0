"""The tasks of a program that uses Fermata, in gdb: help fm

    (gdb) source /usr/local/share/fermata/gdb/fermata.py
    (gdb) fm tasks

Nothing is run and nothing is changed, so a core file will do. All but this is
in modules: what a script defines is everybody's.
"""

import os
import sys

# __file__ is that of another script where this is read by one.
sys.path.insert(0, os.path.dirname(os.path.abspath(
    sys._getframe().f_code.co_filename)))
import fermata_commands

sys.path.pop(0)
