"""The places that tools/mutations.py breaks are still there."""

import pytest

from tools.mutations import MUTATIONS, mutated


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_finds_its_place_and_leaves_code_that_compiles(name):
    compile(mutated(MUTATIONS[name]), MUTATIONS[name].file, "exec")
