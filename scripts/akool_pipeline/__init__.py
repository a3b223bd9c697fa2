"""The contract pipeline: docs pages in, one repaired OpenAPI document and a client out.

Every step is a pure function over documents (`merge`, `overlay`, `diff`) with a thin shell
that reads and writes files (`build`, `generate`, `pages`). Nothing in the wheel imports this
package: the command line finds it through an entry point.

No step knows an operation by name, so pages of another product go through it unchanged.
"""
