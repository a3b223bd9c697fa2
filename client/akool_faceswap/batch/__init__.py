"""Thousands of swaps, none lost and none paid twice: what `akool-faceswap batch` runs.

    _swaps, _manifest    a file to rows, checked as a whole
    _states, _journal    what became of each row, on disk before anything depends on it
    _ledger, _plan       what it costs and what comes next, without clock or socket
    _run                 the one part that calls the API
    _report              what came of it, for people and for spreadsheets

Private to the command line; docs/batch.md says what it promises.
"""
