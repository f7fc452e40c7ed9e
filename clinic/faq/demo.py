"""The demonstration clinic's own topics, as its staff would have written them."""

from clinic.faq.types import OwnWords

DEMO: tuple[OwnWords, ...] = (
    OwnWords(
        names={
            "ja": "オンライン診療",
            "en": "Video visits",
            "zh-Hant": "視訊看診",
            "zh-Hans": "视频问诊",
            "ru": "Видеоприём",
        },
        answers={
            "ja": "再診の方はビデオ通話で受診できます。平日の午後に行っています。ご希望の方は、"
            "診療科を選ぶ前にスタッフへお知らせください。初診の方はご来院ください。",
            "en": "Patients who have been here before can see a doctor by video call, on weekday "
            "afternoons. Please tell our staff that you would like one. A first visit is at the "
            "clinic.",
            "zh-Hant": "複診病人可以用視訊看診，時間為平日下午。需要的話請告訴櫃檯人員。"
            "初診請親自到院。",
            "zh-Hans": "复诊患者可以用视频看诊，时间为工作日下午。需要的话请告诉前台。"
            "初诊请到院就诊。",
            "ru": "Если вы у нас уже были, врач может принять вас по видеосвязи в будни после "
            "обеда. Скажите об этом нашим сотрудникам. Первый приём проходит в клинике.",
        },
        examples={
            "ja": (
                "オンライン診療はやっていますか",
                "ビデオ通話で診てもらえますか",
                "リモートで診察を受けたい",
                "家からスマホで受診できますか",
                "電話やビデオでの診療はありますか",
            ),
            "en": (
                "do you do video visits",
                "can I see the doctor by video call",
                "do you offer online consultations",
                "is telemedicine available",
                "can I have my appointment on zoom from home",
            ),
            "zh-Hant": (
                "可以視訊看診嗎",
                "有沒有線上看診",
                "可以用視訊跟醫生談嗎",
                "你們有遠距醫療嗎",
                "在家用手機看醫生可以嗎",
            ),
            "zh-Hans": (
                "可以视频看病吗",
                "有没有线上问诊",
                "能不能跟医生视频",
                "你们有网上看诊吗",
                "在家用手机看医生行不行",
            ),
            "ru": (
                "есть ли видеоприём",
                "можно поговорить с врачом по видеосвязи",
                "проводите ли вы онлайн-консультации",
                "можно ли приём по скайпу или зуму",
                "хочу консультацию из дома по видео",
            ),
        },
    ),
    OwnWords(
        names={
            "ja": "保険証がないときの費用",
            "en": "Price without insurance",
            "zh-Hant": "沒有健保的費用",
            "zh-Hans": "没有医保的费用",
            "ru": "Цена без страховки",
        },
        answers={
            "ja": "保険証がない場合は全額自己負担です。初診はおよそ1万円、再診はおよそ5千円で、"
            "検査と薬は別にかかります。後日保険証をお持ちいただければ差額をお返しします。",
            "en": "Without insurance you pay the full price: about 10,000 yen for a first visit "
            "and 5,000 yen for a later one; tests and medicines are extra. If you bring a Japanese "
            "insurance card later, we pay the difference back.",
            "zh-Hant": "沒有保險時需自費全額：初診約一萬日圓，複診約五千日圓，檢查和藥費另計。"
            "之後補帶日本保險證，會退還差額。",
            "zh-Hans": "没有保险时需全额自费:初诊约一万日元，复诊约五千日元，检查和药费另计。"
            "之后补带日本保险证，会退还差额。",
            "ru": "Без страховки оплачивается полная стоимость: первый приём около 10 000 иен, "
            "повторный около 5 000 иен; анализы и лекарства отдельно. Если позже принесёте "
            "японскую страховую карту, мы вернём разницу.",
        },
        examples={
            "ja": (
                "保険なしだといくらですか",
                "保険証がない場合の料金を教えてください",
                "自費で診てもらうといくらかかりますか",
                "保険に入っていないのですが費用は",
                "10割負担だといくらになりますか",
            ),
            "en": (
                "how much is it without insurance",
                "what is the price if I am not insured",
                "I have no insurance, what will I pay",
                "self-pay price for a visit",
                "cost of a consultation for uninsured tourists",
            ),
            "zh-Hant": (
                "沒有健保要多少錢",
                "沒有保險看診費用是多少",
                "自費看醫生要多少",
                "外國人沒有保險怎麼收費",
                "忘記帶健保卡要付多少",
            ),
            "zh-Hans": (
                "没有医保要多少钱",
                "没有保险看病费用是多少",
                "自费看医生要多少",
                "外国人没有保险怎么收费",
                "不用医保卡挂号看病多少钱",
            ),
            "ru": (
                "сколько стоит без страховки",
                "у меня нет страховки, сколько платить",
                "цена приёма для незастрахованных",
                "сколько заплатит турист без полиса",
                "стоимость за наличные без страхового полиса",
            ),
        },
    ),
    OwnWords(
        names={
            "ja": "夜間の相談",
            "en": "Advice at night",
            "zh-Hant": "夜間諮詢",
            "zh-Hans": "夜间咨询",
            "ru": "Совет ночью",
        },
        answers={
            "ja": "診療時間外は看護師がお答えできません。夜間に迷うときは救急安心センター#7119、"
            "お子さまは#8000へお電話ください。命にかかわると思うときはすぐ119番へ。",
            "en": "Nobody answers here outside opening hours. At night, if you are not sure what "
            "to do, call #7119, for children #8000. If it may be life-threatening, call 119 now.",
            "zh-Hant": "看診時間以外沒有人員回覆。夜間不知道怎麼辦時請撥 #7119，兒童請撥 #8000。"
            "可能有生命危險時請立刻撥 119。",
            "zh-Hans": "门诊时间以外没有人员回复。夜间不知道怎么办时请拨 #7119，儿童请拨 #8000。"
            "可能有生命危险时请立刻拨 119。",
            "ru": "В нерабочее время здесь никто не отвечает. Ночью, если не знаете, что делать, "
            "звоните #7119, о детях #8000. Если есть угроза жизни, сразу звоните 119.",
        },
        examples={
            "ja": (
                "夜間に相談できますか",
                "夜中に聞きたいことがあるときはどこに電話しますか",
                "時間外でも質問に答えてもらえますか",
                "夜に子どものことで相談したい",
                "深夜でも看護師さんと話せますか",
            ),
            "en": (
                "can I ask at night",
                "who can I call for advice at night",
                "is there a nurse line after hours",
                "where do I get help when you are closed",
                "can someone answer questions in the middle of the night",
            ),
            "zh-Hant": (
                "晚上可以諮詢嗎",
                "半夜有問題可以問誰",
                "下班時間以後有人可以問嗎",
                "夜間有護理師可以諮詢嗎",
                "深夜小孩不舒服要打給誰問",
            ),
            "zh-Hans": (
                "晚上可以咨询吗",
                "半夜有问题可以问谁",
                "下班以后还有人可以问吗",
                "夜里有护士可以咨询吗",
                "深夜孩子不舒服该打给谁问",
            ),
            "ru": (
                "можно ли спросить ночью",
                "кому звонить за советом ночью",
                "есть ли у вас дежурная медсестра после закрытия",
                "куда обратиться с вопросом, когда вы закрыты",
                "ответит ли кто-нибудь среди ночи",
            ),
        },
    ),
)
