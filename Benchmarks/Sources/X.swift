import Seq2Seq
@main struct X { static func main() {} }
