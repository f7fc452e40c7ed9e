"""Japanese red flags: what must be seen, what is asked about, and what must stay quiet.

The tables are own sentences, not those of the lexicon; its own phrases are tested besides.
"""

from time import process_time

import pytest

from nlu.red_flags import RedFlag, screen
from nlu.red_flags.lexicon import lexicon, rules

OWN = [
    (rule, entry.source)
    for rule, entries in lexicon("ja").entries.items()
    for entry in entries
    if entry.plain
]


def test_the_lexicon_has_phrases_of_its_own_for_every_rule():
    assert len(OWN) >= 150
    assert rules().keys() == {rule for rule, _ in OWN}


@pytest.mark.parametrize(("rule", "phrase"), OWN)
def test_a_phrase_of_the_lexicon_raises_at_least_the_level_of_its_rule(rule, phrase):
    flag = screen(phrase)
    assert flag
    assert not flag.negated
    assert flag.level >= rules()[rule].level


EMERGENCIES = """\
みぞおちあたりの強い痛みが背中に抜けて、汗だくです
息子が苦しい苦しいと言って顔が青い
ばあちゃんの呼吸がとまりかけてる
娘がミニトマトをのどに詰まらせてる
ご飯をのどに詰まらせて真っ青
家に帰ったら妻が床に倒れてた
話しかけてもぼーっとして反応が遅い、さっきまで普通だった
左の口角が下がってきた
立とうとしたら右足がふにゃっとなって倒れた
手足がつっぱって泡ふいてる
頭の血管が切れたみたいな痛み
高熱とひどい頭痛で光がまぶしい、首も痛い
うちの赤ちゃんおっぱい飲まないし起きない
1歳児の呼吸が速くて胸がべこべこする
熱で朦朧としておかしなことを口にする
おなかが張って痛くて吐いて、うんちも出てない
真っ黒い下痢が出てふらふら
吐いたものが茶色いコーヒーみたい
出産予定日前なのに大量出血
草刈り機で足を切って血が止まらない
蜂に首をさされて喉が苦しい
抗生物質を飲んだら全身ぶつぶつで息が苦しい
塩素系の洗剤と酸性の洗剤を混ぜて気分が悪い
母が睡眠薬をたくさん飲んで眠り続けている
もう生きるのをやめます
家で首をくくろうとした
橋から飛び降りるつもり
娘がリストカットして血が止まらない
胸に鉛がのってるみたいで冷や汗がとまらない
心臓がえぐられるような痛みが続いてる
胸が熱く焼けるように痛くて左手がだるい
なんか胸がおかしい、苦しい、汗すごい
急に背中がビリッと裂けた感じで激痛
祖母がゼイゼイして布団に横になれません
夜中から喘息が止まらなくて薬も効かない
夫が白目むいて倒れた
同居の父がソファで反応しなくなった
母の意識が遠のいてる
いきなり片側だけ力が抜けた
口の右側が垂れて話せなくなってる
じいちゃんがコップ落としてばかり、右手おかしい
足元がふらついて言葉も出にくい、急に
誰だかわからないと言われた、さっきまで普通だったのに
娘が急に固まって目が上を向いたまま
頭を金属バットで殴られたようです
足に紫のまだら模様が出て熱がある
お腹がキリキリ激しく痛んで冷や汗
突然の下腹部激痛で失神した
洗面器いっぱい血を吐いた
トイレが血の海
おしっこが昨日から出なくてお腹パンパン
臨月です、血がどっと出た
妊娠中でけいれんしました
へその緒が出てきた
足の指がちぎれた
鎌で腕を切って血が噴いてます
ガソリンに引火して顔をやけど
サバを食べてから顔が腫れて息が苦しい
薬品が目に飛び散った
薬を50錠くらい一気に飲んだ
もう死なせてください
今すぐ死にたい、ナイフを持っている
弟が自殺をほのめかしている
疲れた死にたい
もう疲れて死にたい
忙しくて死にたい
眠れなくて死にたい
退屈で死にたいと思うほどじゃなく本当に死にたい
電話して!夫が息してない
スマホ打てない右手が動かない
電車の中で息が止まりそう
仕事で倒れて意識がない
夜勤中に倒れて意識が戻らない
血が止まらない怖い
映画を見ていたら胸が苦しくなった
試験中に胸が痛い
頭のMRIを撮ってから急に頭が割れるように痛い
脳梗塞の薬を飲んでるが右手がしびれてきた
てんかんの薬を飲み忘れてけいれんしてる
喘息の薬が効かない苦しい
意識して息をしないと苦しい
笑っていたら急にろれつが回らなくなった
お腹が空いて血糖が低くて意識がもうろう
飲みすぎて意識がない
画面が見えない、急に目が見えなくなった
息子が息をしていません
ため息じゃなくて息が苦しいんです
風邪で喉が腫れて息ができない
熱湯を浴びた
薬で楽になりたい、全部飲みました
うちの子やけどした 顔にお湯かかった
熱は下がったけど意識がもうろうとしてます
めまいはおさまりましたが右手に力が入りません
脳梗塞の後遺症で右手が不自由ですが今朝から左足も動かなくなりました
転ばないように気をつけてたのに転んで頭打って吐いてる
授乳中です。胸が締めつけられて息が苦しい
喘息で薬を吸っても効かず苦しい
狭心症になったことがあります。今朝から胸が重いです
動悸もなく元気だったのに急に胸が締め付けられた
頭痛や吐き気はないけど右手の力が入らない
右手のしびれと頭痛、熱はない
包丁で指先を切り落とした
突然片目が見えない、痛みはありません
ひどい頭痛と嘔吐、熱はありません
こんなに苦しかったことはありません、息ができない
鼻息が荒くて苦しそうで、しゃべれないみたい
殺虫剤を飲んだ
意識はあるけど話せない
ニュースを見ていたら胸が締め付けられて汗が止まらない
""".splitlines()


@pytest.mark.parametrize("text", EMERGENCIES)
def test_an_emergency_is_seen_in_any_wording(text):
    flag = screen(text)
    assert flag
    assert (flag.level, flag.negated) == (4, False)


SAME_DAY = """\
もう楽にさせて
死にたいわけじゃないけど消えたい
朝起きるたびにまだ生きてるのかとがっかりする
人生を終わらせたい気持ちになる
体温計で39.9
熱が上がってガタガタ震えがとまらない
ティッシュに血の混じった痰がついた
動くと息が苦しい
脈が速くて落ち着かない、ずっと続く
立ちくらみで一瞬気を失った
頭痛で吐いてしまった
子供が水も飲めずおしっこも出ない
2日間吐き続けて何も食べられません
お腹をくだして血も出ました
血のようなおしっこ
右の腰からわき腹がのたうつほど痛い
妊婦なんですけど、おりものに血が
片方の足だけ腫れて赤い
階段で足をひねって全く歩けない
ネコに噛まれて手がパンパン
やけどした手の水ぶくれがつぶれた
目の前を黒い糸くずがたくさん飛ぶ
お薬をダブって飲んでしまいました
誰かが自分を殺そうとしている気がする
生きているのが申し訳ない
この先生きていく自信がない
ときどき死にたくなる
眠ったらそのまま起きなければいい
自分の腕を切ってしまいそうで怖い
透析患者です、発熱しました
痰に血がついてくる
坂道で息が切れるようになった
動悸が続いて眠れない
ふっと意識がなくなって倒れた
目まいで吐いて動けない
ひどい頭痛と吐き気が続く
4ヶ月の子が39度5分
子どもが熱で3日も水分とらない
喉が痛すぎてつばを吐き出している
右下腹がズキズキ痛む
血が混じった水みたいな便
わき腹が激痛で結石みたい
生理が多すぎて貧血ぎみ、塊も出る
左足だけ急にむくんだ
腕が折れてるみたい
頭を打った子どもが吐いた
犬にふくらはぎを噛まれました
熱湯でやけどして皮がむけた
じんましんが全身に広がってきた
目の横に帯状疱疹ができた
目が痛くて涙が止まらず真っ赤
薬を倍飲んでしまった
知らない声がずっと聞こえる
つらすぎて何もできない、限界
血圧が上190下125
""".splitlines()


@pytest.mark.parametrize("text", SAME_DAY)
def test_what_needs_a_doctor_the_same_day_is_seen_in_any_wording(text):
    flag = screen(text)
    assert flag
    assert flag.level >= 3
    assert not flag.negated


CHEST_PAIN = """\
胸が痛いです
むねがいたいです
ムネガイタイデス
ﾑﾈｶﾞｲﾀｲ
胸 が い た い
胸、痛い
胸が痛え
胸が痛うてかなわん
旨が痛い
胸　が　痛　い　！！！
""".splitlines()


@pytest.mark.parametrize("text", CHEST_PAIN)
def test_a_sign_is_seen_however_it_is_written(text):
    assert screen(text) == RedFlag("chest_pain", 4)


SELF_HARM = [
    ("死にたい", 4),
    ("シニタイ", 4),
    ("タヒにたい", 4),
    ("自殺します", 4),
    ("手首を切った", 4),
    ("今から飛び降ります", 4),
    ("息子が死にたいと言っています", 4),
    ("消えたい", 3),
    ("きえたい", 3),
    ("楽になりたい", 3),
    ("生きる意味がない", 3),
    ("朝目が覚めなければいいのに", 3),
]


@pytest.mark.parametrize(("text", "level"), SELF_HARM)
def test_words_of_self_harm_have_rule_s_and_its_level(text, level):
    flag = screen(text)
    assert flag
    assert flag.self_harm
    assert (flag.level, flag.negated) == (level, False)


DOUBTFUL = """\
胸の痛みはありません
胸は痛くないです
胸痛なし
呼吸は苦しくないです
息苦しさはありません
けいれんはしていません
血便はありません
妊娠中ですが出血はありません
去年、胸が痛くなったことがあります
以前けいれんを起こしました
3年前に脳梗塞のような症状で右手が動かなくなりました
昔は自殺を考えたことがありました
昔ひきつけを起こしたことがあります
もし胸が痛くなったらどうすればいいですか
もし意識がなくなったら救急車ですか
胸が痛いとか苦しいとかはないです
胸の圧迫感もないです
意識を失ったことは一度もありません
けいれんを起こしたことはこれまでありません
呼吸の苦しさはなく、普通に歩けています
下血や黒い便はありません
妊娠中ですが出血やお腹の張りはないです
""".splitlines()


@pytest.mark.parametrize("text", DOUBTFUL)
def test_what_is_denied_past_or_supposed_is_asked_about_rather_than_dropped(text):
    flag = screen(text)
    assert flag
    assert (flag.level, flag.negated) == (3, True)


STATED = [
    ("breathing", "胸の痛みはありませんが、息ができない"),
    ("unconscious", "けいれんはありません。でも意識がない"),
    ("chest_pain", "去年も胸が痛くなりましたが、今また胸が痛い"),
]


@pytest.mark.parametrize(("rule", "text"), STATED)
def test_a_stated_sign_counts_though_another_is_denied_or_past(rule, text):
    assert screen(text) == RedFlag(rule, 4)


def test_a_long_text_is_read_in_no_time():
    """A patient's device must not be able to hold up the others by what it sends."""
    began = process_time()
    for text in ("胸がががが", "胸の痛みはありません", "頭が痛くて熱があり吐いて血が出て"):
        screen(text * 2000)
    assert process_time() - began < 5
