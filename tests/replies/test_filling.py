"""Variables, apart from any conversation."""

from mobileapi.replies.filling import fill


def test_variables_are_filled_in_either_language_and_others_stay() -> None:
    told = fill("{姓名}，{ name }，{没有}，{}", {"name": "王*"})
    assert (told.text, told.missing) == ("王*，王*，{没有}，{}", ("没有",))
