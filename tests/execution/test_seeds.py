import numpy as np
import pytest

from vista.errors import InputError
from vista.execution.seeds import check_seed


@pytest.mark.parametrize("seed", [-1, 0.5, 2**63, True, "1", None])
def test_what_is_no_seed_is_refused_in_one_line(seed):
    with pytest.raises(InputError, match=r"a seed is a whole number.*, not") as refused:
        check_seed(seed)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("seed", [0, 2**63 - 1, np.int64(7)])
def test_whole_numbers_are_seeds(seed):
    check_seed(seed)
