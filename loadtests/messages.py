"""What the main process and the generator processes say to each other, over Locust's own channel.

With one process, Locust's LocalRunner hands each message to its listener directly: one code path for both.

    ready       generator → main    a user has started and waits for the word
    go          main → generators   {"start": epoch seconds}: the measured window begins then
    batch       generator → main    `records.Batch`
    finished    generator → main    a user's last iteration is over, and its last batch is sent
    halt        main → generators   start nothing more (Ctrl-C)
"""

from typing import Final

READY: Final = "loadtests-ready"
GO: Final = "loadtests-go"
BATCH: Final = "loadtests-batch"
FINISHED: Final = "loadtests-finished"
HALT: Final = "loadtests-halt"
