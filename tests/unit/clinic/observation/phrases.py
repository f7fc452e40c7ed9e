"""What patients type of their readings, and what it tells, in five languages.

A line: the text, then after "=>" the readings in the order they stand (`bp`, `pulse`, `temp`,
`weight`, `spo2`, `sugar` with their units), `before_meal` and the like, `@DAY HH:MM` of when, where
day 0 is today, and doubts: `?half 130`, `?unit 25`, `?which 72`, `?impossible 35 80`.
"""

ENGLISH = """
120/80 => bp 120/80
120/80 pulse 70 => bp 120/80, pulse 70
my blood pressure is 135 over 85 => bp 135/85
BP 128/76, HR 68 => bp 128/76, pulse 68
bp 130 85 => bp 130/85
bp 130-85 => bp 130/85
BP: 142 / 91 mmHg => bp 142/91
systolic 135 diastolic 85 => bp 135/85
upper 135, lower 85 => bp 135/85
blood pressure 118 and 76 => bp 118/76
120/80 70 => bp 120/80, pulse 70
120/80/70 => bp 120/80, pulse 70
bp 120 80 70 => bp 120/80, pulse 70
this morning 128/76 => bp 128/76, @0 07:00
yesterday evening 150/95 => bp 150/95, @1 19:00
last night 150/95 => bp 150/95, @1 22:00
8:30 am bp 128/76 => bp 128/76, @0 08:30
at 7:15 120/80 => bp 120/80, @0 07:15
just now 120/80 => bp 120/80, @0 15:00
pulse 70 => pulse 70
heart rate is 72 bpm => pulse 72
72 bpm => pulse 72
my pulse was 101 today => pulse 101, @0 15:00
temp 37.8 => temp 37.8 °C
37.8 => temp 37.8 °C
37,8 => temp 37.8 °C
temperature 100.4F => temp 100.4 °F
98.6 F => temp 98.6 °F
temp 101.2 => temp 101.2 °F
fever 38.5 C => temp 38.5 °C
37.5 degrees => temp 37.5 °C
sugar 7.2 before breakfast => sugar 7.2 mmol/L, before_meal
blood sugar 145 mg/dl 2 hours after lunch => sugar 145 mg/dL, after_meal
glucose 6.1 fasting => sugar 6.1 mmol/L, fasting
fasting sugar 110 => sugar 110 mg/dL, fasting
bg 5.4 mmol/l at bedtime => sugar 5.4 mmol/L, bedtime
weight 72.5 kg => weight 72.5 kg
I weigh 160 lbs => weight 160 lb
72 kg => weight 72 kg
weight 72.4 => weight 72.4 kg
SpO2 95% => spo2 95
oxygen 96 => spo2 96
sats 94 % => spo2 94
97% => spo2 97
O2 sat 93 pulse 88 => spo2 93, pulse 88
120/80, pulse 70, temp 36.6, spo2 98% => bp 120/80, pulse 70, temp 36.6 °C, spo2 98
１２０／８０ => bp 120/80
pulse 70 after walking => pulse 70
35/80 => ?impossible 35 80
80/120 => ?impossible 80 120
temperature 420 => ?impossible 420
420 °C => ?impossible 420
pulse 700 => ?impossible 700
spo2 195 => ?impossible 195
bp 130 => ?half 130
sugar 25 => ?unit 25
72 => ?which 72
120 => ?which 120
"""
JAPANESE = """
血圧 135の85 => bp 135/85
血圧は135/85です => bp 135/85
135/85 => bp 135/85
１３５／８５ => bp 135/85
１３５の８５ => bp 135/85
上135下85 => bp 135/85
上が135で下が85、脈拍72 => bp 135/85, pulse 72
上は135、下は85でした => bp 135/85
血圧130-80 => bp 130/80
血圧 130 80 => bp 130/80
血圧 130 80 脈 65 => bp 130/80, pulse 65
最高血圧142 最低血圧88 => bp 142/88
収縮期135、拡張期85 => bp 135/85
血圧百三十五の八十五 => bp 135/85
血圧138と84です => bp 138/84
今朝の血圧 135/85 => bp 135/85, @0 07:00
朝8時 血圧 130/80 => bp 130/80, @0 08:00
今朝７時半の血圧は128/76でした => bp 128/76, @0 07:30
昨夜 150/95 => bp 150/95, @1 22:00
昨日の朝 150/95 => bp 150/95, @1 07:00
さっき測ったら => 
さっき測りました 140/90 => bp 140/90, @0 15:00
血圧135/85mmHg 脈拍70回 => bp 135/85, pulse 70
脈拍72 => pulse 72
脈は68です => pulse 68
心拍数 80 => pulse 80
脈 70回/分 => pulse 70
体温37度8分 => temp 37.8 °C
体温は37.8度です => temp 37.8 °C
37度8分 => temp 37.8 °C
３７．８ => temp 37.8 °C
37.8℃ => temp 37.8 °C
熱は38度5分 => temp 38.5 °C
熱38.5 => temp 38.5 °C
体温三十七度八分 => temp 37.8 °C
体温38度半 => temp 38.5 °C
37度8 => temp 37.8 °C
体温36度 => temp 36 °C
血糖値 110 空腹時 => sugar 110 mg/dL, fasting
空腹時血糖 98 => sugar 98 mg/dL, fasting
血糖 食後2時間 145 => sugar 145 mg/dL, after_meal
朝食前の血糖は112でした => sugar 112 mg/dL, before_meal
食後血糖180mg/dL => sugar 180 mg/dL, after_meal
寝る前 血糖 130 => sugar 130 mg/dL, bedtime
体重72.5kg => weight 72.5 kg
体重は65キロです => weight 65 kg
体重 58.2 => weight 58.2 kg
今日の体重 61.5 => weight 61.5 kg, @0 15:00
72.5キロ => weight 72.5 kg
酸素飽和度95% => spo2 95
SpO2は96です => spo2 96
酸素 94パーセント => spo2 94
サチュレーション 93 => spo2 93
９５％ => spo2 95
血圧120/80 脈70 体温36.5 体重60 酸素98 => bp 120/80, pulse 70, temp 36.5 °C, weight 60 kg, spo2 98
35の80 => ?impossible 35 80
体温420 => ?impossible 420
血圧135 => ?half 135
血糖25 => ?unit 25
72 => ?which 72
"""
SIMPLIFIED = """
血压135/85 心率72 => bp 135/85, pulse 72
血压135，85 => bp 135/85
血压 135 85 => bp 135/85
血压135-85 => bp 135/85
高压135低压85 => bp 135/85
高压是135，低压是85 => bp 135/85
高压一百三低压八十 => bp 130/80
高压一百三十五低压八十五 => bp 135/85
收缩压142舒张压88 => bp 142/88
上压135下压85 => bp 135/85
低压85，高压135 => bp 135/85
120/80 => bp 120/80
１２０／８０ => bp 120/80
我的血压是128/76 => bp 128/76
早上血压128/76 => bp 128/76, @0 07:00
今天早上血压 128/76 => bp 128/76, @0 07:00
今早8点血压128/76 => bp 128/76, @0 08:00
昨晚血压150/95 => bp 150/95, @1 22:00
昨天血压150/95 => bp 150/95, @1 15:00
刚量的血压140/90 => bp 140/90, @0 15:00
刚才测了140/90脉搏80 => bp 140/90, pulse 80, @0 15:00
血压120/80，脉搏70次/分 => bp 120/80, pulse 70
心率72 => pulse 72
心跳 90次 => pulse 90
脉搏是68 => pulse 68
脉搏七十二 => pulse 72
体温37.8 => temp 37.8 °C
体温37度8 => temp 37.8 °C
37度8 => temp 37.8 °C
体温三十七度八 => temp 37.8 °C
体温三十八度五 => temp 38.5 °C
发烧38.5度 => temp 38.5 °C
发烧了，39度 => temp 39 °C
37.8℃ => temp 37.8 °C
血糖7.2 => sugar 7.2 mmol/L
血糖7点2 => sugar 7.2 mmol/L
空腹血糖6.1 => sugar 6.1 mmol/L, fasting
餐后两小时血糖 9.8 => sugar 9.8 mmol/L, after_meal
饭前血糖5.6 => sugar 5.6 mmol/L, before_meal
早饭后2小时血糖8.5 => sugar 8.5 mmol/L, after_meal
睡前血糖 7.0 => sugar 7.0 mmol/L, bedtime
血糖126毫克 => sugar 126 mg/dL
血糖 6.5 毫摩尔 => sugar 6.5 mmol/L
体重72.5公斤 => weight 72.5 kg
体重 65 => weight 65 kg
72.5kg => weight 72.5 kg
今天体重61.5 => weight 61.5 kg, @0 15:00
血氧95% => spo2 95
血氧饱和度96 => spo2 96
血氧百分之九十五 => spo2 95
血氧 93 心率 88 => spo2 93, pulse 88
95% => spo2 95
血压120/80，心率70，体温36.5，血氧98 => bp 120/80, pulse 70, temp 36.5 °C, spo2 98
35/80 => ?impossible 35 80
体温420 => ?impossible 420
血压135 => ?half 135
血糖25 => ?unit 25
72 => ?which 72
"""
TRADITIONAL = """
血壓135/85 心跳72 => bp 135/85, pulse 72
血壓135，85 => bp 135/85
血壓 135 85 => bp 135/85
血壓135-85 => bp 135/85
收縮壓135 舒張壓85 => bp 135/85
收縮壓是135，舒張壓是85 => bp 135/85
高壓135低壓85 => bp 135/85
高壓一百三低壓八十 => bp 130/80
上壓135下壓85 => bp 135/85
120/80 => bp 120/80
１２０／８０ => bp 120/80
我的血壓是128/76 => bp 128/76
早上血壓128/76 => bp 128/76, @0 07:00
今天早上血壓 128/76 => bp 128/76, @0 07:00
今早8點血壓128/76 => bp 128/76, @0 08:00
昨晚血壓150/95 => bp 150/95, @1 22:00
昨天血壓150/95 => bp 150/95, @1 15:00
剛量的血壓140/90 => bp 140/90, @0 15:00
剛才量了140/90脈搏80 => bp 140/90, pulse 80, @0 15:00
血壓120/80，脈搏70次/分 => bp 120/80, pulse 70
心跳 90下/分 => pulse 90
心率72 => pulse 72
脈搏是68 => pulse 68
脈搏七十二 => pulse 72
體溫37.8 => temp 37.8 °C
體溫37度8 => temp 37.8 °C
37度8 => temp 37.8 °C
體溫三十七度八 => temp 37.8 °C
發燒38.5度 => temp 38.5 °C
發燒了，39度 => temp 39 °C
耳溫槍 => 
37.8℃ => temp 37.8 °C
血糖126 => sugar 126 mg/dL
血糖值 110 => sugar 110 mg/dL
空腹血糖98 => sugar 98 mg/dL, fasting
飯後兩小時血糖 145 => sugar 145 mg/dL, after_meal
飯前血糖112 => sugar 112 mg/dL, before_meal
早餐前血糖105 => sugar 105 mg/dL, before_meal
睡前血糖 130 => sugar 130 mg/dL, bedtime
血糖126毫克 => sugar 126 mg/dL
血糖7.2 => sugar 7.2 mmol/L
體重72.5公斤 => weight 72.5 kg
體重 65 => weight 65 kg
72.5kg => weight 72.5 kg
今天體重61.5 => weight 61.5 kg, @0 15:00
血氧95% => spo2 95
血氧飽和度96 => spo2 96
血氧百分之九十五 => spo2 95
血氧濃度 94 => spo2 94
血氧 93 心跳 88 => spo2 93, pulse 88
95% => spo2 95
血壓120/80，心跳70，體溫36.5，血氧98 => bp 120/80, pulse 70, temp 36.5 °C, spo2 98
35/80 => ?impossible 35 80
體溫420 => ?impossible 420
血壓135 => ?half 135
血糖25 => ?unit 25
72 => ?which 72
"""
RUSSIAN = """
120/80 пульс 70 => bp 120/80, pulse 70
120 на 80 => bp 120/80
давление 130 на 85 => bp 130/85
Давление 130/85, пульс 70 => bp 130/85, pulse 70
АД 140/90 => bp 140/90
ад 140 90 => bp 140/90
АД 140-90 ЧСС 75 => bp 140/90, pulse 75
у меня давление 150 на 95 => bp 150/95
давление сегодня 135/85 => bp 135/85, @0 15:00
верхнее 135 нижнее 85 => bp 135/85
верхнее давление 135, нижнее 85 => bp 135/85
давление 120 и 80 => bp 120/80
130/80 70 => bp 130/80, pulse 70
Утром 128/76 => bp 128/76, @0 07:00
сегодня утром давление 128/76 => bp 128/76, @0 07:00
вчера вечером 150/95 => bp 150/95, @1 22:00
вчера 150/95 => bp 150/95, @1 15:00
в 8 утра давление 130/80 => bp 130/80, @0 08:00
в 7:30 давление 130/80 => bp 130/80, @0 07:30
только что померил 140/90 => bp 140/90, @0 15:00
сейчас 140 на 90 => bp 140/90, @0 15:00
давление 135/85 мм рт. ст. => bp 135/85
пульс 70 => pulse 70
пульс 72 удара в минуту => pulse 72
72 уд/мин => pulse 72
72 пульс => pulse 72
чсс 88 => pulse 88
температура 37,8 => temp 37.8 °C
темп. 38.5 => temp 38.5 °C
37,8 => temp 37.8 °C
36.6 => temp 36.6 °C
температура 36 и 6 => temp 36.6 °C
т 37.2 => temp 37.2 °C
температура 38 градусов => temp 38 °C
38.5° => temp 38.5 °C
37,5 °С => temp 37.5 °C
сахар 6.1 => sugar 6.1 mmol/L
сахар 6,1 натощак => sugar 6.1 mmol/L, fasting
сахар 7.2 до еды => sugar 7.2 mmol/L, before_meal
сахар крови 8,5 через 2 часа после еды => sugar 8.5 mmol/L, after_meal
глюкоза 5.4 ммоль/л => sugar 5.4 mmol/L
глюкоза 110 мг/дл => sugar 110 mg/dL
сахар перед сном 7.0 => sugar 7.0 mmol/L, bedtime
вес 72,5 кг => weight 72.5 kg
вес 72.5 => weight 72.5 kg
вешу 80 => weight 80 kg
мой вес 81 кг => weight 81 kg
72,5 кг => weight 72.5 kg
сатурация 95 => spo2 95
сатурация 95% => spo2 95
кислород 96 => spo2 96
кислород в крови 93 процента => spo2 93
95% => spo2 95
Пульс 70, давление 120 на 80, температура 36,6 => pulse 70, bp 120/80, temp 36.6 °C
120/80 пульс 70 вес 72 сатурация 98 => bp 120/80, pulse 70, weight 72 kg, spo2 98
35/80 => ?impossible 35 80
температура 420 => ?impossible 420
давление 130 => ?half 130
сахар 25 => ?unit 25
72 => ?which 72
"""
PHRASES = {
    "en": ENGLISH,
    "ja": JAPANESE,
    "zh-Hans": SIMPLIFIED,
    "zh-Hant": TRADITIONAL,
    "ru": RUSSIAN,
}
# Whole messages that are no reading: whatever asked for them hears them.
OTHERS = """
10/11
11-20
2026-11-20
7:30
090-1234-5678
5
10
1948-03-05
tomorrow at 10
is 120/80 normal?
my knee hurts 3 days
book for 2
температура 38,5 и болит горло
сильно болит голова, давление 150/95
血圧135の85は高いですか
体温38度で咳が出ます
熱があります
血压135/85高吗
發燒三天了
давление скачет
20 ноября
11月20日
午後3時
下午3点
2名
room 120
"""
