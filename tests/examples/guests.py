"""guests.py - guests of a chat server, who do what a script says

  guests.py ADDRESS SERVER SCRIPT

A line of the script: `Ada> words`, she says them, and comes in if she is not
here yet; `Ada< words`, she hears exactly them; `Ada.`, she leaves; `stop`, the
process SERVER is asked to end; `Ada!`, she hears that it did.
"""
import os
import re
import signal
import socket
import sys


def enter(address):
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port))).makefile("rw")


def wrong(number, step, heard):
    sys.exit(f"line {number}, {step}: heard {heard!r}")


def do(number, step, guests, address):
    name, verb, words = re.fullmatch(r"(\w+)([><.!]) ?(.*)", step).groups()
    if verb == ">":
        if name not in guests:
            guests[name] = enter(address)
            words = name
        guests[name].write(words + "\n")
        guests[name].flush()
    elif verb == ".":
        guests.pop(name).close()
    else:
        heard = guests[name].readline()
        if heard != (words + "\n" if verb == "<" else ""):
            wrong(number, step, heard)


def main(address, server, script):
    guests = {}
    with open(script) as steps:
        for number, step in enumerate(steps, 1):
            step = step.strip()
            if step == "stop":
                os.kill(int(server), signal.SIGTERM)
            elif step:
                do(number, step, guests, address)
    print("all was heard")


main(*sys.argv[1:])
