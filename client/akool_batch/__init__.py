"""Thousands of swaps, none lost and none paid twice: what `akool-faceswap batch` runs.

    swaps, manifest    a file to rows, checked as a whole
    names              a row's name to that of its file
    states, journal    the state of each row, on disk before anything depends on it
    budget, plan       what it costs and what comes next, without clock or socket
    run                the one part that calls the API
    report             the results, for people and for spreadsheets
    batch              a batch from manifest to report
    cli                the command line

Private to the command line; docs/batch.md says what it promises.
"""
