from django.core.cache.backends.base import BaseCache


class CounterCache(BaseCache):
    def __init__(self, name, params):
        super().__init__(params)
