"""Counts the instructions that one submission costs the server, and prints them as a table in Markdown.

Valgrind's callgrind counts them. Unlike a time, a count is not moved by what else the machine does, so a tenth that a change
gains is seen in one run. It is not the whole cost: the kernel, the disk and waiting for memory are not in it. Callgrind runs one
thread at a time, so what is shared by the submissions of a group (the write, the signature) is shared by other groups than
without it."""

import argparse
import pathlib
import re
import tempfile

from programs import CLIENTS, Service, run

# In the order of a submission. What the count includes is indented below it; nothing else is part of another.
FUNCTIONS = [
    ("`Judge`", "quartermaster::Judge"),
    ("· `ReturnValues::Read`", "quartermaster::ReturnValues::Read"),
    ("`CommitGroup::Decide`", "quartermaster::storage::CommitGroup::Decide"),
    ("`CommitGroup::Write`", "quartermaster::storage::CommitGroup::Write"),
    ("`LiveState::Move`", "quartermaster::server::LiveState::Move"),
    ("`Submissions::FillStored`", "quartermaster::server::Submissions::FillStored"),
    ("`SignTogether`", "quartermaster::server::SignTogether"),
]


def instructions(service, profile, clients, submissions):
    """Of one submission: in all, then of each of FUNCTIONS with what it calls. `profile` is where callgrind dumps next."""
    run("callgrind_control", "--zero", service.process.pid)
    done = service.load(calls=submissions, clients=clients, seed=2, seconds=600)["calls"]
    run("callgrind_control", "--dump", service.process.pid)
    report = run("callgrind_annotate", "--inclusive=yes", "--auto=no", "--threshold=100", profile)

    def count(name):
        # The largest comes first: of functions of one name it is that of a submission.
        line = re.search(rf"^ *([\d,]+) \(.*{re.escape(name)}", report, re.MULTILINE)
        if line is None:
            raise RuntimeError(f"callgrind saw no call of {name}: the program lacks symbols, or the function was inlined")
        return int(line[1].replace(",", "")) / done

    return [count("PROGRAM TOTALS")] + [count(f":{name}(") for _, name in FUNCTIONS]


def print_table(many, one):
    print(f"| instructions a submission | {CLIENTS} clients | | 1 client | |\n|---|--:|--:|--:|--:|")
    names = ["the server in all"] + [label for label, _ in FUNCTIONS]
    parts = [number for number, name in enumerate(names) if number > 0 and not name.startswith("·")]
    names.append("the rest: gRPC, who calls, earlier requests, RocksDB in the background")
    for column in (many, one):
        column.append(column[0] - sum(column[number] for number in parts))
    for name, of_many, of_one in zip(names, many, one):
        print(f"| {name} | {of_many:,.0f} | {of_many / many[0]:.1%} | {of_one:,.0f} | {of_one / one[0]:.1%} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=2000, help=f"how many by {CLIENTS} clients, and again by one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quartermaster-instructions-") as folder:
        data = pathlib.Path(folder, "data")
        profile = pathlib.Path(folder, "profile")
        log = pathlib.Path(folder, "valgrind.log")
        with Service(data) as service:  # Without callgrind, which would only slow it down.
            service.prepare(services=1, participants=100)
        with Service(data, under=["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", f"--log-file={log}"]) as service:
            service.load(once=True, seconds=600)  # Every participant has a return, and every cache is filled.
            print_table(instructions(service, f"{profile}.1", CLIENTS, arguments.submissions),
                        instructions(service, f"{profile}.2", 1, arguments.submissions))


if __name__ == "__main__":
    main()
