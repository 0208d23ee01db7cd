"""Passwords guessers try first and that the other rules would let pass, as they are left without digits and signs."""

WEAK_WORDS = frozenset(
    """
    password passw passwd passwort pass pwd admin administrator root user guest test testtest demo temp welcome
    letmein changeme default login master secret system qwerty qwertyuiop asdf asdfgh asdfghjkl zxcv zxcvbn
    zxcvbnm qwer qwert qazwsx qazwsxedc wsxedc qwerasdf qweasd qweasdzxc asdzxc abcd abcde abcdef abcdefg
    abcdefgh abc aabbcc aaa aaaa aaaaa woaini iloveyou iloveu love lovely sunshine monkey dragon football
    baseball superman batman princess computer internet service zhengwu zhengfu shenpi zwfw gongan handheld
    office china beijing shanghai guangzhou shenzhen zhongguo huawei tencent alibaba taobao weixin wechat
    dingtalk dingding xiaomi lenovo windows oracle mysql server spring summer autumn winter january monday
    sunday nihao nimen mima mimamima wangguan guanliyuan
    """.split()  # noqa: SIM905 - read as a list of words
)
