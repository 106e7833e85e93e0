#!/usr/bin/env python3
"""Asks examples/metrics for stew, then for its metrics, and judges these.

metrics_judge.py URL
"""

import sys
import urllib.request
from math import inf

from prometheus_client.parser import text_fd_to_metric_families

STEWS = 20


def ask(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=60) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def families(text):
    found = {}
    for family in text_fd_to_metric_families(iter(text.splitlines(True))):
        assert family.name not in found, f"{family.name} comes twice"
        assert family.type in ("counter", "gauge", "histogram"), family
        assert family.documentation, f"{family.name} has no HELP"
        found[family.name] = family
    return found


def no_series_comes_twice(family):
    seen = set()
    for sample in family.samples:
        series = (sample.name, tuple(sorted(sample.labels.items())))
        assert series not in seen, series
        seen.add(series)


def histogram_adds_up(family):
    """Bounds grow and so do counts, up to _count; _sum fits them."""
    buckets, parts = [], {}
    for sample in family.samples:
        if sample.name.endswith("_bucket"):
            buckets.append((float(sample.labels["le"]), sample.value))
        else:
            parts[sample.name[len(family.name) :]] = sample.value
    assert buckets == sorted(buckets), family.name
    counts = [count for _, count in buckets]
    assert counts == sorted(counts), family.name
    assert buckets[-1] == (inf, parts["_count"]), family.name
    least = most = before = 0
    bound = 0.0
    for le, count in buckets:
        least += bound * (count - before)
        most += le * (count - before) if count > before else 0
        before, bound = count, le
    near = 1 + 1e-9
    assert least / near <= parts["_sum"] <= most * near, (family.name, parts)


def value(found, name, **labels):
    for family in found.values():
        for sample in family.samples:
            if sample.name == name and all(
                sample.labels.get(key) == text for key, text in labels.items()
            ):
                return sample.value
    raise AssertionError(f"there is no {name} of {labels}")


def main(url):
    for _ in range(STEWS):
        ask(f"{url}/stew")
    kind, text = ask(f"{url}/metrics")
    assert kind.startswith("text/plain; version=0.0.4"), kind
    assert text.endswith("\n"), "the last line has no end"
    found = families(text)
    for family in found.values():
        assert family.name.startswith("fermata_"), family.name
        no_series_comes_twice(family)
        if family.type == "histogram":
            histogram_adds_up(family)
    assert value(found, "fermata_timer_lateness_seconds_count") >= STEWS
    assert value(found, "fermata_tasks_started_total") > STEWS
    assert value(found, "fermata_place_started_total", task="serve") == 1
    assert value(found, "fermata_operations_submitted_total") > 0
    later = families(ask(f"{url}/metrics")[1])
    assert found.keys() == later.keys(), found.keys() ^ later.keys()


main(sys.argv[1])
