"""The script of the page that most people would write."""

from tests.benchmarks import naive

naive.show(naive.read)
