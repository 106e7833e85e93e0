"""What is measured of files that are copied."""

from kinds import Bench, Case, Run

COPY = Bench(
    "copy",
    "a file of 1 GiB that is in memory",
    [Case("1GiB", "1 GiB", "GB/s", more=True)],
    [
        Run(
            {
                "fermata": ["ours_copy"],
                "limit:copy_file_range": ["limit_copy"],
                "limit:cp": ["limit_copy", "cp"],
                "go": ["gopeer", "copy"],
                "tokio": ["tokio-peer", "copy"],
            },
            threads=True,
        )
    ],
    [
        "limit: one thread that does nothing else; cp is coreutils' program.",
        "go: io.Copy. tokio: fs::copy, which is the standard library's on a "
        "thread.",
    ],
)
