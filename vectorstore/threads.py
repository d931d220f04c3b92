"""Keep linear algebra to one thread: ours are small products, asked for from several threads."""

from __future__ import annotations

from functools import cache

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]


@cache
def one_thread_each() -> None:
    """Tell the linear algebra libraries of this process, once.

    Their threads wait for one another by spinning: on a machine with other work a decomposition
    takes forty times as long with two threads as with one, a query thirty times.
    """
    threadpool_limits(limits=1, user_api="blas")
