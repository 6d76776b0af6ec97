/// Pairs written by hand, under the names of the patterns that must make them.
enum GoldenPairs {
    static let byPattern: [String: [(chinese: String, english: String)]] = [
        "set phrases": [
            ("你好。", "Hello."), ("谢谢。", "Thank you."), ("再见。", "Goodbye."), ("你好吗？", "How are you?"),
            ("生日快乐！", "Happy birthday!"), ("你叫什么名字？", "What is your name?"),
        ],
        "names": [
            ("我叫小明。", "My name is Xiaoming."), ("她叫玛丽。", "Her name is Mary."),
            ("我姓王。", "My last name is Wang."),
            ("你好，我叫大卫。", "Hello, my name is David."),
        ],
        "asks for a name": [
            ("你妈妈叫什么名字？", "What is your mother's name?"), ("他们是谁？", "Who are they?"),
        ],
        "is by profession": [
            ("我是老师。", "I am a teacher."), ("她们都是医生。", "They are all doctors."),
            ("你是不是工程师？", "Are you an engineer?"),
            ("他不是演员。", "He is not an actor."), ("你们是学生。", "You are students."),
            ("你是学生。", "You are a student."),
        ],
        "is from": [
            ("我是中国人。", "I am Chinese."), ("他来自法国。", "He is from France."),
            ("你是哪国人？", "Where are you from?"),
            ("他从北京来。", "He comes from Beijing."),
        ],
        "lives or works in": [
            ("我住在北京。", "I live in Beijing."), ("他不住在上海。", "He does not live in Shanghai."),
            ("她在医院工作。", "She works at the hospital."), ("你在日本工作吗？", "Do you work in Japan?"),
        ],
        "asks where somebody lives or works": [
            ("你住在哪里？", "Where do you live?"), ("他在哪里工作？", "Where does he work?"),
            ("你做什么工作？", "What is your job?"),
        ],
        "is whose friend": [
            ("这是我妈妈。", "This is my mother."), ("他不是小红的哥哥。", "He is not Xiaohong's older brother."),
            ("谁是你的老师？", "Who is your teacher?"),
        ],
        "two people are": [("小明和小红是朋友。", "Xiaoming and Xiaohong are friends.")],
        "likes doing": [
            ("我爱吃苹果。", "I love eating apples."), ("他喜欢看书。", "He likes reading books."),
            ("我们爱喝茶。", "We love drinking tea."),
        ],
        "does not like doing": [
            ("他不喜欢跑步。", "He does not like running."), ("我不爱吃鱼。", "I do not like eating fish."),
        ],
        "likes doing, to a degree": [
            ("我很喜欢游泳。", "I really like swimming."), ("他最喜欢唱歌。", "He likes singing the most."),
            ("我们都爱吃饺子。", "We all love eating dumplings."),
        ],
        "asks about liking": [
            ("你喜欢跳舞吗？", "Do you like dancing?"), ("她喜不喜欢喝咖啡？", "Does she like drinking coffee?"),
            ("谁爱吃蛋糕？", "Who loves eating cake?"),
        ],
        "likes a thing": [("我喜欢猫。", "I like cats."), ("他不喜欢这本书。", "He does not like this book.")],
        "likes two things": [
            ("我喜欢苹果和香蕉。", "I like apples and bananas."),
            ("你喜欢茶还是咖啡？", "Do you like tea or coffee?"),
        ],
        "likes one, but not the other": [
            ("我喜欢喝茶，但是不喜欢喝咖啡。", "I like drinking tea, but I do not like drinking coffee."),
            ("她喜欢游泳，但是不喜欢跑步。", "She likes swimming, but she does not like running."),
        ],
        "asks what is liked": [
            ("你喜欢什么颜色？", "What color do you like?"), ("他喜欢吃什么？", "What does he like eating?"),
        ],
        "loves and knows people": [
            ("我爱小红。", "I love Xiaohong."), ("他不认识她。", "He does not know her."),
        ],
        "wants to do": [
            ("我想吃苹果。", "I want to eat an apple."), ("他不想睡觉。", "He does not want to sleep."),
            ("她要看书。", "She wants to read a book."),
        ],
        "asks about wanting to do": [("你想不想看电影？", "Do you want to watch a movie?")],
        "wants to go or to be": [
            ("我想去北京。", "I want to go to Beijing."), ("他想当医生。", "He wants to be a doctor."),
            ("你想回家吗？", "Do you want to go home?"),
        ],
        "asks what is wanted": [
            ("你想喝什么？", "What do you want to drink?"), ("她想去哪儿？", "Where does she want to go?"),
        ],
        "chooses between two": [("你想喝茶还是咖啡？", "Do you want to drink tea or coffee?")],
        "wants so many": [
            ("我要一杯茶。", "I want a cup of tea."), ("他需要两双鞋。", "He needs two pairs of shoes."),
            ("我想买三本书。", "I want to buy three books."),
        ],
        "wants to consume so many": [("我想喝两杯水。", "I want to drink two glasses of water.")],
        "plans to do": [("他打算明天游泳。", "He plans to swim tomorrow.")],
        "does": [
            ("我不吃牛肉。", "I do not eat beef."), ("他学中文。", "He studies Chinese."),
            ("你喝咖啡吗？", "Do you drink coffee?"),
        ],
        "does regularly": [
            ("我每天跑步。", "I run every day."), ("他每天早上都喝牛奶。", "He drinks milk every morning."),
            ("她周末看书。", "She reads books on weekends."),
        ],
        "does at a frequency": [("我常常做饭。", "I often cook."), ("他从不喝茶。", "He never drinks tea.")],
        "asks about a habit": [
            ("你每天看电视吗？", "Do you watch TV every day?"), ("他常常游泳吗？", "Does he often swim?"),
        ],
        "consumes so many regularly": [("我每天吃一个苹果。", "I eat an apple every day.")],
        "does so often a week": [("他一个星期游三次泳。", "He swims three times a week.")],
        "does at a place regularly": [("我常常在图书馆看书。", "I often read books in the library.")],
        "does two things": [
            ("他先洗澡，然后睡觉。", "He first takes a shower, and then goes to bed."),
            ("我一边做饭一边听音乐。", "I listen to music while cooking."),
        ],
        "does at an hour": [
            ("我每天七点起床。", "I get up at seven o'clock every day."),
            ("他晚上十点睡觉。", "He goes to bed at ten o'clock in the evening."),
        ],
        "asks at what hour": [("你几点起床？", "What time do you get up?")],
        "asks why or how often": [("你为什么学中文？", "Why do you study Chinese?")],
        "is doing": [
            ("他在看书。", "He is reading a book."), ("我正在做饭。", "I am cooking."),
            ("她没在睡觉。", "She is not sleeping."),
            ("他们在吃饺子呢。", "They are eating dumplings."),
        ],
        "asks what is being done": [
            ("你在做什么？", "What are you doing?"), ("他在睡觉吗？", "Is he sleeping?"),
        ],
        "is doing at a place": [("他们在公园跑步。", "They are running in the park.")],
        "is waiting or looking for": [
            ("我在等他。", "I am waiting for him."), ("他在找他的手机。", "He is looking for his phone."),
        ],
        "did at a past time": [
            ("我昨天看电影了。", "I watched a movie yesterday."), ("昨天晚上他做饭了。", "He cooked last night."),
        ],
        "did not do": [
            ("我昨天没看书。", "I did not read a book yesterday."), ("他没吃苹果。", "He did not eat an apple."),
        ],
        "asks about the past": [
            ("你昨天游泳了吗？", "Did you swim yesterday?"), ("他昨天去了哪里？", "Where did he go yesterday?"),
        ],
        "did with so many": [
            ("我买了三个苹果。", "I bought three apples."), ("他喝了两杯茶。", "He drank two cups of tea."),
            ("我看见了三只羊。", "I saw three sheep."),
        ],
        "did with so many at a past time": [("我昨天买了两本书。", "I bought two books yesterday.")],
        "did with some": [
            ("我买了一些书。", "I bought some books."), ("她昨天喝了一些牛奶。", "She drank some milk yesterday."),
        ],
        "went somewhere": [
            ("我昨天去了公园。", "I went to the park yesterday."),
            ("他去年没去北京。", "He did not go to Beijing last year."),
        ],
        "was in a state": [
            ("我昨天很忙。", "I was busy yesterday."), ("他们昨天在学校。", "They were at school yesterday."),
        ],
        "has been to": [
            ("我去过北京。", "I have been to Beijing."), ("他没去过法国。", "He has never been to France."),
        ],
        "has ever done": [
            ("你吃过饺子吗？", "Have you ever eaten dumplings?"),
            ("她没学过中文。", "She has never studied Chinese."),
        ],
        "has already done": [
            ("我已经吃早饭了。", "I have already eaten breakfast."),
            ("他还没起床。", "He has not gotten up yet."),
        ],
        "did for a time": [
            ("他看了两个小时电视。", "He watched TV for two hours."),
            ("我在北京住了五年。", "I lived in Beijing for five years."),
        ],
        "is going to do": [
            ("我明天要游泳。", "I am going to swim tomorrow."),
            ("明天他要看书。", "He is going to read a book tomorrow."),
        ],
        "will do": [
            ("我明天会做饭。", "I will cook tomorrow."), ("他明天不会跑步。", "He will not run tomorrow."),
        ],
        "asks about the future": [
            ("你明天会游泳吗？", "Will you swim tomorrow?"),
            ("你明天要做什么？", "What are you going to do tomorrow?"),
        ],
        "will go somewhere": [
            ("我明天去学校。", "I am going to school tomorrow."),
            ("我明年要去法国。", "I am going to go to France next year."),
        ],
        "will buy so many": [("我明天要买一把雨伞。", "I am going to buy an umbrella tomorrow.")],
        "is going somewhere": [
            ("我去图书馆。", "I am going to the library."),
            ("你什么时候去北京？", "When are you going to Beijing?"),
        ],
        "goes regularly": [
            ("他常常去公园。", "He often goes to the park."), ("我每天去学校。", "I go to school every day."),
        ],
        "goes to do something": [("我去超市买水果。", "I am going to the supermarket to buy fruit.")],
        "goes by a means of transport": [
            ("我坐地铁去学校。", "I go to school by subway."),
            ("他每天走路去办公室。", "He goes to the office on foot every day."),
        ],
        "goes with somebody": [("我跟她一起去公园。", "I am going to the park with her.")],
        "has so many": [
            ("我有两只猫。", "I have two cats."), ("他没有自行车。", "He does not have a bike."),
            ("她有很多书。", "She has many books."),
        ],
        "asks about having": [
            ("你有手机吗？", "Do you have a phone?"), ("他有几本书？", "How many books does he have?"),
        ],
        "has relatives": [
            ("我有两个弟弟。", "I have two younger brothers."), ("他没有钱。", "He does not have money."),
        ],
        "has a described thing": [
            ("他买了一本旧书。", "He bought an old book."), ("我有一件红色的毛衣。", "I have a red sweater."),
        ],
        "is whose": [
            ("这是我的书。", "This is my book."), ("那是谁的鞋？", "Whose shoes are those?"),
            ("这本书是他的。", "This book is his."),
        ],
        "is at a place": [
            ("他在家。", "He is at home."), ("你妈妈在哪里？", "Where is your mother?"),
            ("我不在学校。", "I am not at school."),
        ],
        "lies somewhere": [
            ("我的书在桌子上。", "My book is on the table."), ("我的鞋在床下面。", "My shoes are under the bed."),
        ],
        "asks where a thing is": [
            ("我的手机在哪里？", "Where is my phone?"), ("你的袜子在哪儿？", "Where are your socks?"),
        ],
        "there are things": [
            ("桌子上有一本书。", "There is a book on the table."),
            ("冰箱里没有牛奶。", "There is no milk in the refrigerator."),
            ("公园里有很多孩子。", "There are many children in the park."),
            ("桌子上有苹果吗？", "Are there any apples on the table?"),
        ],
        "places lie to each other": [("银行在学校旁边。", "The bank is next to the school.")],
        "asks the way": [
            ("请问，银行在哪里？", "Excuse me, where is the bank?"),
            ("附近有医院吗？", "Is there a hospital nearby?"),
        ],
        "people are": [
            ("他很高。", "He is tall."), ("我不累。", "I am not tired."), ("她非常聪明。", "She is very smart."),
            ("你累不累？", "Are you tired?"),
        ],
        "people are today": [("我今天很忙。", "I am busy today.")],
        "things are": [
            ("这本书很贵。", "This book is expensive."), ("这些苹果太小了。", "These apples are too small."),
            ("那本小说没意思。", "That novel is not interesting."),
        ],
        "persons are": [
            ("那个男人很高。", "That man is tall."), ("这些孩子很聪明。", "These children are smart."),
            ("你认识那位老师吗？", "Do you know that teacher?"),
        ],
        "kinds of food are": [
            ("饺子很好吃。", "Dumplings are delicious."), ("茶贵不贵？", "Is tea expensive?"),
        ],
        "places are": [("这家饭馆很干净。", "This restaurant is clean."), ("北京很大。", "Beijing is big.")],
        "things have a color": [
            ("他的毛衣是蓝色的。", "His sweater is blue."), ("你的鞋是什么颜色的？", "What color are your shoes?"),
        ],
        "people compared": [
            ("他比我高。", "He is taller than me."), ("我没有他高。", "I am not as tall as him."),
            ("她跟我一样聪明。", "She is as smart as me."),
        ],
        "the best of all": [("她最聪明。", "She is the smartest."), ("谁最高？", "Who is the tallest?")],
        "this compared with that": [("这本书比那本书贵。", "This book is more expensive than that book.")],
        "kinds compared": [
            ("苹果比香蕉贵。", "Apples are more expensive than bananas."),
            ("北京比上海冷。", "Beijing is colder than Shanghai."),
        ],
        "likes one more than the other": [
            ("你更喜欢喝茶还是喝咖啡？", "Do you like drinking tea or drinking coffee more?")
        ],
        "is so old": [
            ("我二十岁。", "I am twenty years old."), ("他两岁。", "He is two years old."),
            ("他多大了？", "How old is he?"),
        ],
        "costs": [
            ("这本书二十块钱。", "This book is twenty yuan."), ("这些苹果多少钱？", "How much are these apples?"),
        ],
        "so many people": [("我家有五口人。", "There are five people in my family.")],
        "what time it is": [
            ("现在三点。", "It is three o'clock now."), ("电影几点开始？", "What time does the movie start?"),
        ],
        "what day it is": [
            ("今天是星期三。", "Today is Wednesday."), ("昨天是五月三号。", "Yesterday was May third."),
        ],
        "birthdays": [("我的生日是五月三号。", "My birthday is May third.")],
        "on a weekday": [
            ("我星期一要做饭。", "I am going to cook on Monday."), ("他上个星期五游泳了。", "He swam last Friday."),
        ],
        "at an hour tomorrow": [("我明天三点要游泳。", "I am going to swim at three o'clock tomorrow.")],
        "can by skill": [
            ("我会说中文。", "I can speak Chinese."), ("他不会开车。", "He cannot drive."),
            ("你会不会游泳？", "Can you swim?"),
        ],
        "can by circumstance": [
            ("我今天不能游泳。", "I cannot swim today."), ("我可以吃苹果吗？", "May I eat apples?"),
        ],
        "may use or have": [("我可以用你的手机吗？", "May I use your phone?")],
        "should": [
            ("你应该休息。", "You should rest."), ("他不用做作业。", "He does not have to do homework."),
        ],
        "should do more or less": [
            ("你应该多喝水。", "You should drink more water."),
            ("他应该少吃饼干。", "He should eat fewer cookies."),
        ],
        "because of a state": [
            ("因为他很累，所以他想睡觉。", "Because he is tired, he wants to sleep."),
            ("我不能买汽车，因为我没有钱。", "I cannot buy a car because I do not have money."),
        ],
        "because of the weather": [
            ("因为今天下雨，所以我们不去公园。", "Because it is raining today, we are not going to the park.")
        ],
        "likes because": [("我喜欢吃苹果，因为苹果很甜。", "I like eating apples because they are sweet.")],
        "if the weather": [
            ("如果明天下雨，我就在家看电视。", "If it rains tomorrow, I will watch TV at home."),
            ("如果明天天气好，我们就去公园。", "If the weather is good tomorrow, we will go to the park."),
        ],
        "if one has": [("如果我有钱，我就买一辆汽车。", "If I have money, I will buy a car.")],
        "if you are, do": [("如果你累了，就休息吧。", "If you are tired, take a rest.")],
        "please give": [
            ("请给我一杯茶。", "Please give me a cup of tea."), ("请把那本书给他。", "Please give him that book."),
        ],
        "please do": [
            ("请关门。", "Please close the door."), ("不要说话。", "Do not talk."),
            ("请帮我打扫房间。", "Please help me clean the room."),
        ],
        "let us": [("我们去公园吧。", "Let's go to the park."), ("让我们一起唱歌吧。", "Let's sing together.")],
        "puts somewhere": [
            ("请把书放在桌子上。", "Please put the book on the table."),
            ("他把钥匙放在了包里。", "He put the key in the bag."),
        ],
        "disposes of": [("他把门关上了。", "He closed the door."), ("我把手机丢了。", "I lost the phone.")],
        "gave to somebody": [("我给她买了一本书。", "I bought a book for her.")],
        "calls, writes, tells and teaches": [
            ("我在给他打电话。", "I am calling him."), ("王老师教我们中文。", "Teacher Wang teaches us Chinese."),
        ],
        "wears": [
            ("他穿着一件红色的毛衣。", "He is wearing a red sweater."), ("我戴着一顶帽子。", "I am wearing a hat."),
        ],
        "does well or fast": [
            ("他说中文说得很好。", "He speaks Chinese well."), ("我跑得不快。", "I do not run fast."),
            ("你起得太晚了。", "You get up too late."),
        ],
        "the weather": [
            ("今天很冷。", "It is cold today."),
            ("北京昨天天气很好。", "The weather in Beijing was good yesterday."),
        ],
        "rain and snow": [
            ("昨天下雨了。", "It rained yesterday."), ("明天会下雪吗？", "Will it snow tomorrow?"),
        ],
        "seasons": [
            ("北京冬天很冷。", "It is cold in Beijing in winter."), ("我最喜欢春天。", "I like spring the most."),
        ],
        "has become": [
            ("我饿了。", "I am hungry."), ("他头疼。", "He has a headache."), ("你渴了吗？", "Are you thirsty?"),
        ],
        "thinks that": [
            ("我觉得中文很难。", "I think Chinese is difficult."),
            ("你觉得中文难吗？", "Do you think Chinese is difficult?"),
        ],
        "says and knows that": [
            ("他说他很累。", "He says he is tired."), ("我不知道他在哪里。", "I do not know where he is."),
        ],
        "a favorite": [
            ("这是我最喜欢的书。", "This is my favorite book."),
            ("他最喜欢的颜色是红色。", "His favorite color is red."),
        ],
    ]
}
