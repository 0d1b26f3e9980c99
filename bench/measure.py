"""Runs the same work against several servers in turn and prints what each took, as rows of a table."""

import os
import pathlib
import statistics
import time

TICK = os.sysconf("SC_CLK_TCK")


def head(base="OpenSSH"):
    """Of the tables that compare() adds rows to."""
    return (f"| case | server | rate | server CPU | rate / {base} | CPU / {base} | slowest/fastest |\n"
            "|---|---|---|---|---|---|---|")


# By unit of work: how many of them the CPU time is told for, and how that is called.
PER = {"MiB": (1024, "s/GiB"), "files": (1000, "s/1000 files"), "logins": (100, "s/100 logins")}


def processes(pid):
    """A process and all that descend from it."""
    out = [pid]
    try:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                out += processes(int(child))
    except FileNotFoundError:  # ended meanwhile
        pass
    return out


def cpu_of(pid):
    """User and system time of one process and of its children that have ended and were waited for."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return sum(int(fields[i]) for i in (11, 12, 13, 14)) / TICK


def cpu_seconds(pid):
    """Of a whole server, its living and its ended processes."""
    return sum(cpu_of(one) for one in processes(pid))


def resident_bytes(pid):
    """Memory of a whole server that no other process shares with it counted once: proportional set size."""
    total = 0
    for one in processes(pid):
        try:
            lines = pathlib.Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) << 10
    return total


def settled_cpu(peer):
    """CPU seconds once the processes of ended sessions are gone."""
    for _ in range(200):
        if len(processes(peer.pid)) <= peer.idle_processes:
            break
        time.sleep(0.02)
    return cpu_seconds(peer.pid)


def resting_cpu(peer):
    """CPU seconds once the server has ended what an earlier case left it to do, such as freeing a removed file."""
    last = settled_cpu(peer)
    for _ in range(50):
        time.sleep(0.2)
        now = cpu_seconds(peer.pid)
        if now == last:
            break
        last = now
    return last


def once(peer, work):
    """(seconds, CPU seconds of the server)"""
    before, start = resting_cpu(peer), time.monotonic()
    work(peer)
    wall = time.monotonic() - start
    return wall, settled_cpu(peer) - before


def peak_bytes(pid):
    """Resident at the highest, since the process began or reset_peak()."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) << 10


def reset_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def compare(title, peers, rounds, work, amount, unit, clean=lambda peer: None, base="OpenSSH"):
    """`work` on the peers in turn, forwards and backwards; the first round warms up and is not counted. Prints the
    medians, a row a peer; ratios are of medians, to the peer called `base`."""
    seen = {peer.name: [] for peer in peers}
    for number in range(rounds + 1):
        for peer in peers if number % 2 == 0 else reversed(peers):
            clean(peer)
            result = once(peer, work)
            if number > 0:
                seen[peer.name].append(result)
    medians = {name: tuple(statistics.median(column) for column in zip(*runs)) for name, runs in seen.items()}
    least = medians.get(base)
    scale, unit_of_cpu = PER[unit]
    for name, (wall, cpu) in medians.items():
        walls = [one for one, _ in seen[name]]
        ratios = f"{least[0] / wall:.2f} | {cpu / least[1]:.2f}" if least and least[1] else "| "
        print(f"| {title} | {name} | {amount / wall:.1f} {unit}/s | {cpu / amount * scale:.3f} {unit_of_cpu} | {ratios} | "
              f"{max(walls) / min(walls):.2f} |", flush=True)
