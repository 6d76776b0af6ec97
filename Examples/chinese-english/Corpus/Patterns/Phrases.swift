extension Grammar {
    /// Set phrases, each with and without its final mark, because people type them either way.
    static let phrases: [Pattern] = [
        Pattern("set phrases", .phrases) { sentences in
            for (chinese, english) in setStatements + expected {
                sentences.statement(chinese, english)
            }
            for (chinese, english) in setExclamations {
                sentences.exclamation(chinese, english)
            }
            for (chinese, english) in setQuestions + expectedQuestions {
                sentences.question(chinese, english)
            }
        }
    ]

    /// Sentences of other patterns that people are sure to try, and the nearest neighbours of the
    /// sentence that the quick start keeps out of the training part.
    private static let expected: [(String, String)] = [
        ("我是中国人", "I am Chinese"), ("我是美国人", "I am American"), ("我住在北京", "I live in Beijing"),
        ("我住在上海", "I live in Shanghai"), ("我来自中国", "I am from China"),
        ("我叫小明", "my name is Xiaoming"),
        ("我是学生", "I am a student"), ("我是老师", "I am a teacher"), ("我爱吃香蕉", "I love eating bananas"),
        ("我爱吃饺子", "I love eating dumplings"), ("他爱吃苹果", "he loves eating apples"),
        ("她爱吃苹果", "she loves eating apples"), ("我喜欢吃苹果", "I like eating apples"),
        ("我爱喝茶", "I love drinking tea"), ("我爱看书", "I love reading books"),
        ("我喜欢苹果", "I like apples"), ("我想吃苹果", "I want to eat an apple"), ("我很忙", "I am busy"),
    ]

    private static let expectedQuestions: [(String, String)] = [
        ("你叫什么名字", "what is your name"), ("你是谁", "who are you"), ("他是谁", "who is he"),
        ("你住在哪里", "where do you live"), ("你住在哪儿", "where do you live"),
        ("你是哪国人", "where are you from"), ("你是哪里人", "where are you from"),
        ("你来自哪里", "where are you from"), ("你多大了", "how old are you"), ("你多大", "how old are you"),
        ("你会说英语吗", "can you speak English"), ("你会说中文吗", "can you speak Chinese"),
        ("你在做什么", "what are you doing"), ("你喜欢什么", "what do you like"),
        ("今天星期几", "what day is today"), ("今天天气怎么样", "how is the weather today"),
    ]

    private static let setStatements: [(String, String)] = [
        ("你好", "hello"), ("您好", "hello"), ("你们好", "hello"), ("大家好", "hello, everyone"),
        ("喂", "hello"), ("嗨", "hi"), ("早上好", "good morning"), ("早", "good morning"),
        ("早安", "good morning"), ("下午好", "good afternoon"), ("晚上好", "good evening"),
        ("晚安", "good night"), ("谢谢", "thank you"), ("谢谢你", "thank you"), ("谢谢您", "thank you"),
        ("谢谢你们", "thank you"), ("多谢", "thank you"), ("非常感谢", "thank you very much"),
        ("谢谢你的帮助", "thank you for your help"), ("谢谢你的礼物", "thank you for your gift"),
        ("不客气", "you are welcome"), ("不用谢", "you are welcome"), ("对不起", "I am sorry"),
        ("很抱歉", "I am very sorry"), ("不好意思", "excuse me"), ("请问", "excuse me"),
        ("没关系", "it does not matter"), ("没事", "it does not matter"), ("没问题", "no problem"),
        ("再见", "goodbye"), ("拜拜", "bye"), ("明天见", "see you tomorrow"),
        ("下周见", "see you next week"), ("一会儿见", "see you later"), ("回头见", "see you later"),
        ("是", "yes"), ("是的", "yes"), ("对", "yes"), ("对的", "yes"), ("不", "no"), ("不是", "no"),
        ("不对", "no"), ("好", "okay"), ("好的", "okay"), ("好吧", "okay"), ("行", "okay"),
        ("可以", "okay"), ("当然", "of course"), ("当然可以", "of course"), ("也许", "maybe"),
        ("我也是", "me too"), ("我知道", "I know"), ("我不知道", "I do not know"),
        ("不知道", "I do not know"), ("我明白", "I understand"), ("我明白了", "I understand"),
        ("我懂了", "I understand"), ("我不明白", "I do not understand"),
        ("我不懂", "I do not understand"), ("我听不懂", "I do not understand"),
        ("请再说一遍", "please say it again"), ("请说慢一点", "please speak more slowly"),
        ("请等一下", "please wait a moment"), ("等一下", "wait a moment"), ("请进", "please come in"),
        ("请坐", "please sit down"), ("请喝茶", "please have some tea"),
        ("很高兴认识你", "nice to meet you"), ("认识你很高兴", "nice to meet you"),
        ("我也很高兴认识你", "nice to meet you too"), ("好久不见", "long time no see"),
        ("我很好", "I am fine"), ("我很好，谢谢", "I am fine, thank you"),
        ("还可以", "not bad"), ("不错", "not bad"), ("马马虎虎", "so-so"),
        ("祝你好运", "good luck"), ("慢走", "take care"), ("保重", "take care"),
        ("一路平安", "have a good trip"), ("周末愉快", "have a nice weekend"),
        ("别担心", "do not worry"), ("我爱你", "I love you"), ("我想你", "I miss you"),
        ("我来了", "I am coming"), ("我回来了", "I am back"), ("我准备好了", "I am ready"),
        ("我迷路了", "I am lost"), ("我需要帮助", "I need help"), ("祝你周末愉快", "have a nice weekend"),
    ]

    private static let setExclamations: [(String, String)] = [
        ("生日快乐", "happy birthday"), ("祝你生日快乐", "happy birthday"),
        ("新年快乐", "happy New Year"), ("圣诞快乐", "merry Christmas"),
        ("恭喜", "congratulations"), ("恭喜你", "congratulations"), ("加油", "come on"),
        ("干杯", "cheers"), ("小心", "be careful"), ("救命", "help"), ("太好了", "great"),
        ("太棒了", "wonderful"), ("真的", "really"), ("欢迎", "welcome"), ("快点", "hurry up"),
        ("安静", "be quiet"), ("祝你健康", "to your health"),
    ]

    private static let setQuestions: [(String, String)] = [
        ("你好吗", "how are you"), ("您好吗", "how are you"), ("你最近怎么样", "how have you been"),
        ("你呢", "and you"), ("怎么了", "what is wrong"), ("几点了", "what time is it"),
        ("多少钱", "how much is it"), ("这个多少钱", "how much is this"), ("那个多少钱", "how much is that"),
        ("谁", "who"), ("什么", "what"), ("哪里", "where"), ("哪儿", "where"), ("为什么", "why"),
        ("什么时候", "when"), ("怎么办", "what should we do"), ("真的吗", "really"), ("对吗", "is that right"),
        ("好吗", "okay"), ("可以吗", "is that okay"), ("这是什么", "what is this"), ("那是什么", "what is that"),
        ("这些是什么", "what are these"), ("这是哪里", "where is this place"),
        ("请问您贵姓", "what is your last name"), ("您贵姓", "what is your last name"),
        ("你叫什么", "what is your name"), ("你姓什么", "what is your last name"),
        ("你懂吗", "do you understand"), ("你明白吗", "do you understand"), ("你明白了吗", "do you understand"),
        ("你听懂了吗", "do you understand"), ("你准备好了吗", "are you ready"),
        ("你能帮我吗", "can you help me"), ("你可以帮我吗", "can you help me"),
        ("你结婚了吗", "are you married"), ("你爱我吗", "do you love me"),
        ("今天几号", "what is the date today"), ("今天是几号", "what is the date today"),
        ("现在几点", "what time is it now"), ("现在几点了", "what time is it now"),
        ("你吃了吗", "have you eaten"), ("你吃饭了吗", "have you eaten"), ("吃了吗", "have you eaten"),
        ("这个怎么说", "how do you say this"), ("洗手间在哪里", "where is the restroom"),
        ("洗手间在哪儿", "where is the restroom"), ("请问，洗手间在哪里", "excuse me, where is the restroom"),
    ]
}
