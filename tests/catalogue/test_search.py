import httpx2
import pytest

from mobileapi.catalogue import words

pytestmark = pytest.mark.anyio

LOST_CARD, FIRST_CARD = "000109101001", "000109101002"
SHOP, COMPANY = "000131101001", "000131102001"

# What people type, and the item that must come first.
FIRST = {
    "补身份证": LOST_CARD, "身份证丢了怎么办": LOST_CARD, "身份证丢了": LOST_CARD, "我身份证不见了": LOST_CARD,
    "补办身份证需要什么材料": LOST_CARD, "身份证损坏": LOST_CARD, "身份证遗失补领": LOST_CARD, "小孩身份证": FIRST_CARD,
    "营业执照怎么办": SHOP, "办营业执照": SHOP, "开小店": SHOP, "个体户营业执照": SHOP, "怎么注册公司": COMPANY,
    "开公司": COMPANY, "公司营业执照": COMPANY, "公司注销": "000131102003", "营业执照改地址": "000131101002",
    "奶茶店许可证": "000131201001", "食品经营许可证": "000131201001", "去香港": "000109201001", "港澳签注": "000109201001",
    "迁户口": "000109301001", "落户": "000109301001", "给宝宝上户口": "000109301002", "居住证": "000109401001",
    "暂住证": "000109401001", "社保卡丢了": "000114301001", "失业金": "000114201002", "被裁员了": "000114201002",
    "养老金认证": "000114201003", "自己交社保": "000114201001", "公积金贷款": "000118102001", "租房提公积金": "000118101001",
    "辞职公积金怎么取": "000118103001", "驾照到期": "000109501001", "换驾照": "000109501001", "违章": "000109502001",
    "违章罚款怎么交": "000109502001", "年检": "000109503001", "小学报名": "000105101001", "教师资格证": "000105102001",
    "结婚": "000111101001", "领证": "000111101001", "低保": "000111102001", "高龄津贴": "000111103001",
    "异地就医": "000144101001", "生育津贴": "000144102001", "门特": "000144103001", "买医保": "000144104001",
    "二手房过户": "000115101001", "无房证明": "000115102001", "完税证明": "000130101001", "个税证明": "000130101001",
    "开诊所": "000123102001", "护士证到期": "000123101001", "借书证": "000122102001", "法律援助": "000112101001",
    "公证": "000112102001", "邻居噪音纠纷": "000112103001", "环评": "000116101001", "夜间施工": "000116103001",
    "挖路": "000117105001", "占道": "000117102001", "消防备案": "000117103001", "预约取号": "000150103001",
    "sfz": LOST_CARD, "yyzz": SHOP, "shenfenzheng": LOST_CARD, "Replace a lost resident ID card": LOST_CARD,
    "補身份證": None, LOST_CARD: LOST_CARD,
}  # fmt: skip


async def first_of(counter: httpx2.AsyncClient, q: str) -> str | None:
    items = (await counter.get("/catalogue/items", params={"q": q, "limit": 5})).json()["items"]
    return items[0]["code"] if items else None


@pytest.mark.parametrize("q", [q for q, code in FIRST.items() if code])
async def test_the_right_item_comes_first(counter: httpx2.AsyncClient, q: str) -> None:
    assert await first_of(counter, q) == FIRST[q]


@pytest.mark.parametrize("q", ["医保", "社保", "落户", "年检", "低保", "过户", "公证", "环评", "占道", "门特"])
async def test_a_word_of_two_characters_is_found(counter: httpx2.AsyncClient, q: str) -> None:
    items = (await counter.get("/catalogue/items", params={"q": q})).json()["items"]
    assert items
    assert items[0]["matched"]["by"] in {"name", "alias", "word"}


@pytest.mark.parametrize(
    ("q", "by"), [("法律援助申请", "name"), ("法律援助", "alias"), ("身份证丢了", "alias"), ("报案回执", "guide")]
)
async def test_the_answer_says_where_it_met_the_query(counter: httpx2.AsyncClient, q: str, by: str) -> None:
    items = (await counter.get("/catalogue/items", params={"q": q})).json()["items"]
    assert items[0]["matched"] == {"by": by, "related": False}


async def test_what_only_mentions_the_thing_comes_after_what_is_meant_and_is_cut_short(
    counter: httpx2.AsyncClient,
) -> None:
    items = (await counter.get("/catalogue/items", params={"q": "补身份证", "limit": 50})).json()["items"]
    assert [i["code"] for i in items if not i["matched"]["related"]] == [LOST_CARD, FIRST_CARD]
    assert [i["matched"]["related"] for i in items] == [False] * 2 + [True] * 5


async def test_a_word_that_stands_in_guides_alone_is_meant_there(counter: httpx2.AsyncClient) -> None:
    items = (await counter.get("/catalogue/items", params={"q": "报案回执"})).json()["items"]
    assert len(items) > 5
    assert not any(i["matched"]["related"] for i in items)


@pytest.mark.parametrize(
    "q",
    [
        "'", "' | 'x", "\\", "(((", "!!!", "a & b | !c:*", ":*", "%_%", "😀", "怎么办", "。", " ", "的",
        "x" * 100, "身" * 100, "<b>", "'); DROP TABLE catalogue_item; --",
    ],
)  # fmt: skip
async def test_no_query_breaks_the_search(counter: httpx2.AsyncClient, q: str) -> None:
    response = await counter.get("/catalogue/items", params={"q": q})
    assert response.status_code == 200
    assert (await counter.get("/catalogue/items", params={"limit": 1})).json()["items"]


async def test_a_query_that_no_text_holds_is_refused(counter: httpx2.AsyncClient) -> None:
    assert (await counter.get("/catalogue/items", params={"q": "\u0000"})).status_code == 400


async def test_a_search_that_finds_little_suggests_what_is_near(counter: httpx2.AsyncClient) -> None:
    told = (await counter.get("/catalogue/items", params={"q": "关店铺手续咋整"})).json()
    assert "关店手续" in told["suggestions"]


@pytest.mark.parametrize(
    ("query", "essence"),
    [
        ("营业执照怎么办", "营业执照"), ("请问身份证丢了怎么办？", "身份证丢"), ("怎么办", "怎么办"),
        ("ＩＤ Card", "id card"), ("办理居住证需要什么材料", "居住证"),
    ],
)  # fmt: skip
def test_a_question_is_unwrapped(query: str, essence: str) -> None:
    assert words.essence(query).replace(" ", "") == essence.replace(" ", "")


def test_letters_of_a_word_are_its_pinyin_and_initials() -> None:
    assert {"shenfenzheng", "sfz"} <= set(words.letters_of("身份证"))
