"""Measures the service beside the limit and beside what one would use instead. tests/bench/README.md says what is what.

Each figure is the median, over interleaved rounds, of a ratio that is made within a round, with the lowest and highest beside it."""

import argparse
import collections
import contextlib
import csv
import json
import pathlib
import shutil
import statistics
import sys
import tempfile
import threading

import programs
from programs import Postgres, Service, folder_bytes, scan, seconds_of, statistics_memory, yardstick

FIELDS = 60
PAYLOAD_BYTES = 15 * 9 + 45 * 10  # 60 doubles with their tags.
Row = collections.namedtuple("Row", "name ratio lowest highest target met note")


class Bench:
    def __init__(self, arguments):
        self.quick = arguments.quick
        self.rounds = 1 if self.quick else arguments.rounds
        self.seconds = 0.4 if self.quick else 3
        self.only = arguments.only
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="quartermaster-bench-", dir=arguments.folder))
        self.rows = []
        self.stack = contextlib.ExitStack()
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)

    def many(self, full, quick):
        return quick if self.quick else full

    @contextlib.contextmanager
    def section(self):
        """What is started within it is stopped at its end, last first."""
        with contextlib.ExitStack() as stack:
            def keep(program):
                stack.callback(program.stop)
                return program
            yield keep

    def path(self, name):
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        return path

    def service(self, name, services=1, participants=100, under=()):
        service = Service(self.path(name), under)
        try:
            return service.prepare(services, participants)
        except BaseException:
            service.stop()
            raise

    def interleaved(self, measures):
        """Calls each of the named measures once a round, the order turning, and gives all results by name."""
        results = {name: [] for name in measures}
        names = list(measures)
        for number in range(self.rounds):
            for name in names[number % len(names):] + names[:number % len(names)]:
                results[name].append(measures[name](number))
        return results

    def row(self, name, ratios, at_least=None, at_most=None, note=""):
        ratio = statistics.median(ratios)
        met = ratio >= at_least if at_least is not None else ratio <= at_most
        target = f"at least {at_least:g}" if at_least is not None else f"at most {at_most:g}"
        self.rows.append(Row(name, ratio, min(ratios), max(ratios), target, met, note))
        print(f"{name}: {digits(ratio)} ({digits(min(ratios))} to {digits(max(ratios))}), {target}", file=sys.stderr, flush=True)


def digits(number):
    """Three of them, without an exponent."""
    return f"{number:.3g}" if number < 999.5 else f"{float(f'{number:.3g}'):,.0f}"


def ratios(results, ours, other, figure="rate"):
    return [a[figure] / b[figure] for a, b in zip(results[ours], results[other])]


def middle(results, name, figure="rate"):
    return statistics.median(one[figure] for one in results[name])


def stored_bytes_of_a_return(bench):
    """What a submission adds to the store, keys included."""
    returns = bench.many(2000, 200)
    with bench.section() as keep:
        service = keep(bench.service("measure"))
        service.stop()
        before = scan(service.data_dir / "store")["bytes"]
        service = keep(Service(service.data_dir))
        service.load(calls=returns, seconds=600)
        service.stop()
        return (scan(service.data_dir / "store")["bytes"] - before) // returns


def submissions(bench):
    """Durable submissions a second by 64 clients, and the latency of one client."""
    size = stored_bytes_of_a_return(bench)
    many = bench.many(10_000, 300)
    with bench.section() as keep:
        service = keep(bench.service("service", participants=many))
        ceiling = keep(yardstick(bench.path("ceiling"), size))
        plain = keep(yardstick(bench.path("plain"), size, "--synced"))
        postgres = keep(Postgres(bench.path("postgres")))
        at = lambda number, **more: {"seconds": bench.seconds, "seed": number + 1, **more}
        few = bench.interleaved({
            name: lambda n, load=program.load: load(**at(n))
            for name, program in (("service", service), ("ceiling", ceiling), ("plain", plain), ("postgres", postgres))
        })
        note = "; ".join(f"{name} {middle(few, name):,.0f} a second" for name in few)
        bench.row("submissions, 64 clients, of the ceiling", ratios(few, "service", "ceiling"), at_least=0.5,
                  note=f"{note}; {size} bytes stored a return")
        bench.row("submissions, 64 clients, of the plain way", ratios(few, "service", "plain"), at_least=2)
        bench.row("submissions, of PostgreSQL, 100 participants", ratios(few, "service", "postgres"), at_least=10)
        latency_rows(bench, service, plain)
        service.load(once=True, participants=many, seconds=600)
        postgres.fill(many)
        crowd = bench.interleaved({"service": lambda n: service.load(**at(n, participants=many)),
                                   "postgres": lambda n: postgres.load(**at(n, participants=many))})
        bench.row(f"submissions, of PostgreSQL, {many:,} participants", ratios(crowd, "service", "postgres"), at_least=100,
                  note="; ".join(f"{name} {middle(crowd, name):,.0f} a second" for name in crowd))


def latency_rows(bench, service, plain, where=""):
    alone = bench.interleaved({name: lambda n, load=load: load(seconds=bench.seconds, seed=n + 1, clients=1)
                               for name, load in (("service", service.load), ("plain", plain.load))})
    for figure in ("p50_us", "p99_us"):
        bench.row(f"latency of one client, {figure[:3]}, of the plain way's{where}", ratios(alone, "service", "plain", figure), at_most=1.5,
                  note=f"service {middle(alone, 'service', figure):,.0f} µs, plain {middle(alone, 'plain', figure):,.0f} µs")


def slower_syncs(bench):
    """What depends on the disk most, where each sync takes a millisecond longer."""
    where = ", syncs 1 ms longer"
    size = stored_bytes_of_a_return(bench)
    with bench.section() as keep:
        service = keep(bench.service("slower", under=programs.WITH_SLOWER_SYNCS))
        plain = keep(yardstick(bench.path("slower-plain"), size, "--synced", under=programs.WITH_SLOWER_SYNCS))
        few = bench.interleaved({"service": lambda n: service.load(seconds=bench.seconds, seed=n + 1),
                                 "plain": lambda n: plain.load(seconds=bench.seconds, seed=n + 1)})
        bench.row(f"submissions, 64 clients, of the plain way{where}", ratios(few, "service", "plain"), at_least=2,
                  note="; ".join(f"{name} {middle(few, name):,.0f} a second" for name in few))
        latency_rows(bench, service, plain, where)


def bulk(bench):
    """A file of many returns, from the client's start to its end, beside COPY and one recompute."""
    returns = bench.many(3000, 100)
    values = returns * FIELDS
    with bench.section() as keep:
        service = keep(bench.service("bulk", participants=returns))
        postgres = keep(Postgres(bench.path("bulk-postgres")))
        wide, tall = bench.folder / "wide.csv", bench.folder / "tall.csv"

        def write(number):
            period = f"20{10 + number:02}-{11 + number:02}-Q1"
            with wide.open("w", newline="") as wide_file, tall.open("w", newline="") as tall_file:
                to_wide, to_tall = csv.writer(wide_file), csv.writer(tall_file)
                to_wide.writerow(["participant", "period"] + [f"f{i}" for i in range(FIELDS)])
                for participant in range(returns):
                    given = [f"{100 + i + (participant * 7 + i * 13) % 500 / 100:.2f}" for i in range(FIELDS)]
                    to_wide.writerow([f"B{participant:05}", period, *given])
                    for i, value in enumerate(given):
                        to_tall.writerow(["s0", period, f"f{i}", f"B{participant:05}", value])

        def ours(number):
            write(number)
            taken = seconds_of(lambda: service.qm("submit", wide, "--collection", "bench", "--service", "s0"))
            return {"rate": values / taken}

        def theirs(number):
            write(number)
            tall.chmod(0o644)
            return {"rate": values / seconds_of(lambda: postgres.sql(
                f"\\copy value FROM '{tall}' WITH (FORMAT csv)",
                "SELECT field, count(*), avg(value), percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY value) "
                "FROM value GROUP BY service, period, field"))}

        postgres.load(calls=1, clients=1)  # Makes the table.
        postgres.sql("TRUNCATE value")
        found = bench.interleaved({"service": ours, "postgres": theirs})
        bench.row("bulk, of PostgreSQL's COPY and one recompute", ratios(found, "service", "postgres"), at_least=1,
                  note="; ".join(f"{name} {middle(found, name):,.0f} values a second" for name in found))
        bench.row("bulk, of 50,000 values a second", [one["rate"] / 50_000 for one in found["service"]], at_least=1)


def slopes(bench):
    """What a submission costs where there is more of something: the server's rate with little beside that with much."""
    few = 100
    many = bench.many(10_000, 300)
    with bench.section() as keep:
        small = keep(bench.service("small", participants=few))
        crowded = keep(bench.service("crowded", participants=many))
        old = keep(bench.service("old", participants=few))
        half = bench.many(50, 5)  # No collection takes a hundred services, so there are two.
        broad = keep(bench.service("broad", services=half, participants=few))
        broad.publish("bench2", half)
        less_broad = keep(bench.service("less-broad", services=5, participants=few))
        long_ago = {"first_quarter": 0, "quarters": 72}
        small.load(once=True, participants=few, first_quarter=68, quarters=4, seconds=600)
        crowded.load(once=True, participants=many, seconds=600)
        old.load(once=True, participants=few, seconds=600, **long_ago)
        for collection in ("bench", "bench2"):
            broad.load(once=True, participants=few, services=half, collection=collection, seconds=600)
        less_broad.load(once=True, participants=few, services=5, seconds=600)
        base = {"seconds": bench.seconds, "participants": few}
        found = bench.interleaved({
            "small": lambda n: small.load(seed=n + 2, **base), "crowded": lambda n: crowded.load(seed=n + 2, **{**base, "participants": many}),
            "short": lambda n: small.load(seed=n + 3, **{**base, "first_quarter": 68, "quarters": 4}),
            "old": lambda n: old.load(seed=n + 2, **base, **long_ago),
            "less broad": lambda n: less_broad.load(seed=n + 2, services=5, **base),
            "broad": lambda n: broad.load(seed=n + 2, services=half, **base),
        })
        bench.row(f"cost of a submission, {many:,} participants to {few}", ratios(found, "small", "crowded"), at_most=1.3)
        bench.row("cost of a submission, 72 periods to 4", ratios(found, "short", "old"), at_most=1.3)
        bench.row(f"cost of a submission, {2 * half * 20:,} indicators to 100", ratios(found, "less broad", "broad"), at_most=1.3)


def reads(bench):
    """A national table of all indicators, and a participant's position on all of them."""
    services = 5
    with bench.section() as keep:
        service = keep(bench.service("reads", services=services))
        postgres = keep(Postgres(bench.path("reads-postgres")))
        service.load(once=True, services=services, seconds=600)
        postgres.load(calls=100 * services, services=services, seconds=600)
        postgres.sql("ANALYZE value")
        for call, name in (("national", "national table"), ("position", "position")):
            reply = bench.folder / f"{call}.reply"
            service.load(call=call, clients=1, calls=1, services=services, save_reply=reply)
            echo = keep(yardstick(bench.path(f"echo-{call}"), 100, "--reply-file", reply))
            base = {"call": call, "clients": 16, "seconds": bench.seconds, "services": services}
            found = bench.interleaved({"service": lambda n: service.load(**base), "echo": lambda n: echo.load(**base),
                                       "postgres": lambda n: postgres.load(**base)})
            note = "; ".join(f"{key} {middle(found, key):,.0f} a second" for key in found)
            bench.row(f"{name} of {services * 20} indicators, of PostgreSQL's query", ratios(found, "service", "postgres"), at_least=100,
                      note=f"{note}; {reply.stat().st_size:,} bytes a reply")
            bench.row(f"{name}, of an echo of the same bytes", ratios(found, "service", "echo"), at_least=0.5)


def readers_beside_writers(bench):
    """What 32 writers do beside 32 readers, of what they do beside as many idle connections."""
    with bench.section() as keep:
        service = keep(bench.service("mixed"))
        service.load(once=True, seconds=600)

        def beside(call):
            def measure(number):
                other = threading.Thread(target=lambda: service.load(call=call, clients=32, seconds=bench.seconds + 1))
                other.start()
                written = service.load(clients=32, seconds=bench.seconds, seed=number + 2)
                other.join()
                return written
            return measure

        found = bench.interleaved({"readers": beside("national"), "idle": beside("idle")})
        bench.row("32 writers beside 32 readers, of beside idle ones", ratios(found, "readers", "idle"), at_least=0.7,
                  note="; ".join(f"beside {name} {middle(found, name):,.0f} a second" for name in found))


def size(bench):
    """Start, memory and disk with ten million values."""
    participants, quarters = bench.many(2315, 20), 72
    returns = participants * quarters
    values = returns * FIELDS
    with bench.section() as keep:
        service = keep(bench.service("size", participants=participants))
        service.stop()
        store = service.data_dir / "store"
        empty = keep(Service(service.data_dir))
        empty_bytes = empty.resident_bytes()
        empty.load(once=True, participants=participants, first_quarter=0, quarters=quarters, seconds=3600)
        empty.stop()

        def start(_):
            started = []
            taken = seconds_of(lambda: started.append(Service(service.data_dir)))
            memory = started[0].resident_bytes()
            started[0].stop()
            return {"seconds": taken, "memory": memory}

        def start_rows(state):
            found = bench.interleaved({"service": start, "scan": lambda _: scan(store)})
            bench.row(f"start with {values:,} values, {state}, of a bare scan", ratios(found, "service", "scan", "seconds"), at_most=2,
                      note=f"service {middle(found, 'service', 'seconds'):.2f} s, scan {middle(found, 'scan', 'seconds'):.2f} s")
            return found

        # No start so far lasted long enough to merge files, and the younger of them are compressed for speed, not for size.
        start_rows("just received")
        scan(store, "--compact")
        found = start_rows("at rest")
        memory = statistics_memory(participants=participants, quarters=quarters, resubmissions=0)
        process = statistics.median(one["memory"] - empty_bytes for one in found["service"]) / values
        bench.row("memory of the statistics, a value, of 32 bytes", [memory["filled_bytes"] / memory["values"] / 32], at_most=1,
                  note=f"the whole process, caches of the store included, takes {process:.1f} bytes a value more than without returns")
        bench.row("disk after compaction, of the accepted payloads", [folder_bytes(store) / (returns * PAYLOAD_BYTES)], at_most=1.5)


def resubmissions(bench):
    """Memory over a million resubmissions: of the statistics alone, and of the whole service."""
    calls = bench.many(1_000_000, 2000)
    with bench.section() as keep:
        service = keep(bench.service("resubmissions"))
        service.load(calls=calls // 5, seconds=3600)
        before = service.resident_bytes()
        service.load(calls=calls - calls // 5, seconds=3600, seed=2)
        memory = statistics_memory(resubmissions=calls)
        bench.row(f"memory of the statistics after {calls:,} resubmissions, of that after a fifth of them",
                  [memory["bytes_after_all"] / memory["bytes_after_a_fifth"]], at_most=1.01,
                  note=f"the whole process took {before / 2**20:.0f} MiB, then {service.resident_bytes() / 2**20:.0f}, with the caches of the store")


SECTIONS = {one.__name__: one for one in (submissions, slower_syncs, bulk, slopes, reads, readers_beside_writers, size, resubmissions)}


def print_table(rows):
    print("| what | ratio | lowest to highest | target | met | |\n|---|---|---|---|---|---|")
    for row in rows:
        print(f"| {row.name} | {digits(row.ratio)} | {digits(row.lowest)} to {digits(row.highest)} | {row.target} | "
              f"{'yes' if row.met else '**no**'} | {row.note} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: everything runs once and small, and no figure means anything")
    parser.add_argument("--json", metavar="FILE", help="write the rows there: name, ratio, target, met")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds")
    parser.add_argument("--folder", help="where the stores lie; a real disk, not memory")
    parser.add_argument("only", nargs="*", metavar="SECTION", help=f"some of {', '.join(SECTIONS)}")
    arguments = parser.parse_args()
    unknown = set(arguments.only) - set(SECTIONS)
    if unknown:
        parser.error(f"there is no section {', '.join(sorted(unknown))}")
    if not programs.POSTGRES.exists():
        print("skipped: PostgreSQL 15 is not here; install postgresql-15")
        sys.exit(77)
    bench = Bench(arguments)
    with bench.stack:
        for name, section in SECTIONS.items():
            if not bench.only or name in bench.only:
                section(bench)
    print_table(bench.rows)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(
            [{"name": row.name, "ratio": round(row.ratio, 4), "target": row.target, "met": row.met} for row in bench.rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
