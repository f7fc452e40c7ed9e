"""Many small writes as few transactions."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Batch(Generic[T, R]):
    """Carries out items together while earlier ones are still being carried out.

    The first item goes at once; what arrives meanwhile goes together next. Each caller gets the
    answer to its own item once it is durable, or the exception of the whole batch.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        most: int = 200,
        pause: float = 0.0,
    ) -> None:
        """`work` answers item by item; `most` is how many it is given at a time.

        `pause`: seconds that an item waits for company, where its caller is in no hurry.
        """
        self._work = work
        self._most = most
        self._pause = pause
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._task: asyncio.Task[None] | None = None

    async def submit(self, item: T) -> R:
        """Have the item carried out and wait for its answer."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._flush())
        return await future

    async def _flush(self) -> None:
        while self._waiting:
            if self._pause:
                await asyncio.sleep(self._pause)
            items, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                answers = await self._work([item for item, _ in items])
            except Exception as error:
                for _, future in items:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), answer in zip(items, answers, strict=True):
                if not future.done():  # its caller may have given up
                    future.set_result(answer)
