import SeqFiles
import SeqData
import SeqModels
import SeqNN
import SeqTensor
import SeqText

/// The model that a run starts from instead of fresh parameters: `training.init_from`.
struct OriginModel {
    /// The model with its tokenizers.
    let folder: ModelFolder
    /// The name of its folder, and the hash of its parameters.
    let fingerprint: FileFingerprint

    /// Loads the model and refuses a configuration that describes another one.
    init(_ configuration: RunConfiguration) throws {
        let path = configuration.training.initFrom
        folder = try ModelFolder(contentsOf: path)
        fingerprint = FileFingerprint(
            path: path, sha256: try ContentHash.ofFile("\(path)/model.safetensors"))
        var theirs = RunConfiguration()
        theirs.takeParts(
            model: folder.model.configuration, source: folder.source, target: folder.target)
        try theirs.tokenizer.canonicalize(isStrict: false) { _ in false }
        let difference = try ConfigurationFile.firstDifference(
            theirs.parts(like: configuration), configuration.parts(like: configuration))
        if let (key, old, new) = difference {
            throw Seq2SeqError(
                .badConfiguration, path: path, reason: "the model has \(key): \(old), not \(new)",
                remedy:
                    "leave \(key) out, which then is as in the model, or train a new model without training.init_from"
            )
        }
        if configuration.tokenizer.joint, !folder.source.sharesVocabulary(with: folder.target) {
            throw Seq2SeqError(
                .badConfiguration, path: path,
                reason: "the model has a vocabulary for each side, but tokenizer.joint is true",
                remedy: "leave tokenizer.joint out")
        }
    }

    /// The tokenizers of the run: those of the model, which also learn the tokens of the training
    /// corpus if that is configured.
    func codecs(_ configuration: RunConfiguration) throws -> RunCodecs {
        guard configuration.training.extendVocabulary else { return folder.codecs }
        let records = try TrainingData.sample(configuration).fields
        let (sources, targets) = (records.map { $0[0].text }, records.map { $0[1].text })
        func extended(
            _ codec: TextCodec, _ texts: [String], _ settings: TokenizerConfiguration
        ) throws -> TextCodec {
            try codec.extended(
                by: texts, minimumCount: settings.minimumCount,
                maximumSize: settings.vocabularySize)
        }
        let tokenizer = configuration.tokenizer
        if tokenizer.joint {
            if folder.source.fingerprint == folder.target.fingerprint {
                let codec = try extended(folder.source, sources + targets, tokenizer.source)
                return RunCodecs(source: codec, text: codec)
            }
            let (source, target) = (folder.source.configuration, folder.target.configuration)
            let first = try extended(folder.source, sources, tokenizer.source)
            let both = try extended(
                first.inLanguage(target.language), targets, tokenizer.source)
            return RunCodecs(source: try both.inLanguage(source.language), text: both)
        }
        return RunCodecs(
            source: try extended(folder.source, sources, tokenizer.source),
            text: try extended(folder.target, targets, tokenizer.target))
    }

    /// What to know of vocabularies that should grow but have no room.
    func notices(_ configuration: RunConfiguration) -> [String] {
        guard configuration.training.extendVocabulary else { return [] }
        let tokenizer = configuration.tokenizer
        let sides = [
            ("source", folder.source, tokenizer.source),
            ("target", folder.target, tokenizer.target),
        ]
        return sides.prefix(tokenizer.joint ? 1 : 2).compactMap { side, codec, settings in
            codec.count < settings.vocabularySize
                ? nil
                : "the \(side) vocabulary does not grow: it has \(codec.count) tokens, and tokenizer.\(side).vocabulary_size is \(settings.vocabularySize)"
        }
    }

    /// The model to train, with parameters of its own.
    func start(
        _ configuration: RunConfiguration, source: TextCodec, target: TextCodec
    ) throws -> ModelFolder {
        let model = try TranslationModel(
            configuration.model, sourceVocabulary: source.count, targetVocabulary: target.count,
            sourceTokens: source.vocabulary.tokens, seed: configuration.seed)
        for (parameter, old) in zip(model.parameters, folder.model.parameters) {
            precondition(
                parameter.name == old.name, "\(old.name) of the origin became \(parameter.name)")
            parameter.move(to: OriginModel.grown(old.value, like: parameter.value).stored)
        }
        return ModelFolder(model: model, source: source, target: target)
    }

    /// A table for a vocabulary that has grown, along whichever dimension that is.
    ///
    /// A new token starts as the mean of the old ones, so that it takes no more than its share of the
    /// probability (Hewitt 2021, Initializing new word embeddings for pretrained language models), plus
    /// a tenth of a fresh value, which tells new tokens apart.
    ///
    /// - Parameters:
    ///   - old: the table of the origin, of any shape.
    ///   - fresh: a table as it starts without an origin; no dimension is smaller.
    static func grown(_ old: Tensor, like fresh: Tensor) -> Tensor {
        guard let axis = zip(old.shape, fresh.shape).enumerated().first(where: { $1.0 != $1.1 })
        else { return Tensor(old.values, shape: old.shape) }
        let (before, after) = (axis.element.0, axis.element.1)
        precondition(after > before, "OriginModel: \(old.shape) cannot become \(fresh.shape)")
        let inner = old.shape[(axis.offset + 1)...].reduce(1, *)
        let outer = old.shape[..<axis.offset].reduce(1, *)
        let known = old.values
        var values = fresh.values
        for block in 0..<outer {
            for column in 0..<inner {
                let from = block * before * inner + column
                let to = block * after * inner + column
                var sum = 0.0
                for token in 0..<before {
                    values[to + token * inner] = known[from + token * inner]
                    sum += Double(known[from + token * inner])
                }
                for token in before..<after {
                    values[to + token * inner] =
                        Float(sum / Double(before)) + 0.1 * values[to + token * inner]
                }
            }
        }
        return Tensor(values, shape: fresh.shape)
    }
}

extension RunConfiguration {
    /// Takes what a model was made with, where a configuration that starts from it says nothing.
    mutating func takeParts(model: ModelConfiguration, source: TextCodec, target: TextCodec) {
        self.model = model
        tokenizer.source = source.configuration
        tokenizer.target = target.configuration
        tokenizer.joint = source.sharesVocabulary(with: target)
    }

    /// The parts that a model and a configuration that starts from it must agree on.
    fileprivate func parts(like configuration: RunConfiguration) -> RunConfiguration {
        let defaults = RunConfiguration()
        var parts = defaults
        parts.model = model.architecture
        parts.tokenizer = tokenizer
        parts.tokenizer.joint = false
        if configuration.tokenizer.joint { parts.tokenizer.target = defaults.tokenizer.target }
        if configuration.training.extendVocabulary {
            for side in [\TokenizersConfiguration.source, \.target] {
                parts.tokenizer[keyPath: side].vocabularySize = 8000
                parts.tokenizer[keyPath: side].minimumCount = 1
            }
        }
        return parts
    }

    /// Checks what concerns `training.init_from`.
    func validateOrigin() throws {
        guard training.extendVocabulary else { return }
        func check(_ isGood: Bool, _ reason: String, _ remedy: String) throws {
            guard !isGood else { return }
            throw Seq2SeqError(
                option: "training.extend_vocabulary", "is true, but \(reason)", remedy: remedy)
        }
        try check(
            !training.initFrom.isEmpty, "there is no vocabulary to extend",
            "name a model in training.init_from, or set extend_vocabulary: false")
        try check(
            tokenizer.source.kind != .sentencepiece && tokenizer.target.kind != .sentencepiece,
            "a SentencePiece model cannot take further pieces",
            "set extend_vocabulary: false; pieces spell unknown words")
        try check(
            model.output.type != .adaptive,
            "the clusters of the adaptive softmax are those of the old vocabulary",
            "set extend_vocabulary: false, or train a new model")
        try check(
            !model.encoder.wordVectors.spellsWords,
            "words known by their characters have a table of characters that cannot grow",
            "set extend_vocabulary: false; unknown words have vectors as it is")
    }
}

extension ModelConfiguration {
    /// The configuration without what may differ between a model and one that starts from it: how
    /// parameters start, and what happens in training alone.
    fileprivate var architecture: ModelConfiguration {
        let defaults = ModelConfiguration()
        var fixed = self
        fixed.initialization = defaults.initialization
        fixed.dropout = defaults.dropout
        fixed.attention.coverageLoss = defaults.attention.coverageLoss
        fixed.output.samples = defaults.output.samples
        fixed.encoder.recurrent.forgetDropout()
        fixed.decoder.recurrent.forgetDropout()
        fixed.encoder.transformer.forgetDropout()
        fixed.decoder.transformer.forgetDropout()
        return fixed
    }
}

extension RecurrentConfiguration {
    fileprivate mutating func forgetDropout() {
        hasVariationalDropout = false
        stateDropout = 0
    }
}

extension TransformerConfiguration {
    fileprivate mutating func forgetDropout() {
        attentionDropout = 0
        activationDropout = 0
    }
}
