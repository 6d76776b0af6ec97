import SeqNN

extension TranslationModel {
    /// The multiply-adds of the matrix products that the model needs for so many tokens, forwards
    /// only; a training step takes three times as many.
    ///
    /// Attention's products with the memory are left out: they are below one part in a hundred at
    /// sentence length.
    public func multiplyAdds(sourceTokens: Int, targetTokens: Int) -> Double {
        var total = 0.0
        for parameter in parameters where parameter.shape.count == 2 {
            if parameter.name.hasSuffix("embedding.weight") { continue }
            let isOfSource =
                parameter.name.hasPrefix("encoder.")
                || parameter.name == "decoder.attention.key_weight"
            total += Double(parameter.count) * Double(isOfSource ? sourceTokens : targetTokens)
        }
        return total
    }
}
