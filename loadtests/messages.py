"""What the main process and the generator processes say to each other, over Locust's own channel.

With one process, Locust's LocalRunner hands each message to its listener directly: one code path for both.

    here        worker → main       it understands all that follows, which Locust's own greeting does not say
    job         main → a worker     what to run, and as which part of it (worker processes alone)
    joined      worker → main       the job is understood
    failed      worker → main       {"error": a line}: it is not, or cannot be done
    ready       generator → main    a user has started and waits for the word
    go          main → generators   {"start": epoch seconds}: the measured window begins then
    batch       generator → main    `batch.Batch`
    finished    generator → main    a user's last iteration is over
    halt        main → generators   start nothing more (Ctrl-C)
    drain       main → generators   {"limit_s", "settle"}: wait for the orders under way, at most so long from now;
                                    a second one replaces the first one's limit
    drained     generator → main    that is over, and its last batch is sent
"""

from typing import Final

HERE: Final = "loadtests-here"
JOB: Final = "loadtests-job"
JOINED: Final = "loadtests-joined"
FAILED: Final = "loadtests-failed"
READY: Final = "loadtests-ready"
GO: Final = "loadtests-go"
BATCH: Final = "loadtests-batch"
FINISHED: Final = "loadtests-finished"
HALT: Final = "loadtests-halt"
DRAIN: Final = "loadtests-drain"
DRAINED: Final = "loadtests-drained"
