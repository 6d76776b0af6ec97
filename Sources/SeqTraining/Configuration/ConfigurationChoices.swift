import SeqData
import SeqMetrics
import SeqModels
import SeqNN
import SeqTensor
import SeqText

extension ConfigurationFile {
    /// The options that are one of some words.
    static let choices: [String: [String]] = {
        func words<Choice: CaseIterable & RawRepresentable<String>>(_: Choice.Type) -> [String] {
            Choice.allCases.map(\.rawValue)
        }
        var choices = [
            "outputs.type": words(OutputPart.Kind.self),
            "outputs.head": words(StepLabelsConfiguration.Head.self),
            "outputs.scheme": words(LabelCodec.Scheme.self),
            "outputs.pooling": words(SingleLabelConfiguration.Pooling.self),
            "data.check": words(DataCheckMode.self),
            "model.encoder.type": words(EncoderConfiguration.Kind.self),
            "model.encoder.directions": words(RecurrentStack.Summary.self),
            "model.decoder.type": words(DecoderConfiguration.Kind.self),
            "model.encoder.word_vectors": words(EncoderConfiguration.WordVectors.self),
            "model.decoder.context_gate": words(ContextGate.self),
            "model.attention.score": words(AttentionConfiguration.Score.self),
            "model.attention.range": words(AttentionConfiguration.Range.self),
            "model.attention.normalization": words(AttentionConfiguration.Normalization.self),
            "model.attention.coverage": words(AttentionConfiguration.Coverage.self),
            "model.bridge": words(ModelConfiguration.Bridge.self),
            "model.output.type": words(OutputConfiguration.Kind.self),
            "model.output.tied": words(OutputConfiguration.Tying.self),
            "model.initialization.kind": words(Initialization.Kind.self),
            "training.batch.unit": words(BatchingConfiguration.Unit.self),
            "training.batch.mode": words(BatchingConfiguration.Mode.self),
            "training.optimizer.type": words(OptimizerConfiguration.Kind.self),
            "training.schedule.type": words(ScheduleConfiguration.Kind.self),
            "training.schedule.unit": words(ScheduleConfiguration.Unit.self),
            "training.scheduled_sampling.decay": words(
                ScheduledSamplingConfiguration.Decay.self),
            "training.sequence.type": words(SequenceTrainingConfiguration.Kind.self),
            "training.sequence.metric": SequenceReward.metrics.map(\.rawValue),
            "training.schedule.metric": words(Metric.self),
            "training.early_stopping.metric": words(Metric.self),
            "training.precision": words(Precision.self),
            "validation.metrics": words(Metric.self).filter {
                $0 != Metric.perplexity.rawValue
            },
        ]
        for side in ["model.encoder", "model.decoder"] {
            choices["\(side).recurrent.cell"] = words(RecurrentCellKind.self)
            choices["\(side).recurrent.connection"] =
                words(RecurrentConfiguration.Connection.self)
            choices["\(side).convolution.activation"] =
                words(ConvolutionConfiguration.Activation.self)
            choices["\(side).transformer.norm"] = words(TransformerConfiguration.Norm.self)
            choices["\(side).transformer.positions"] = words(PositionalEncoding.Kind.self)
            choices["\(side).transformer.activation"] = words(FeedForwardFunction.self)
        }
        for side in ["source", "target"] {
            choices["tokenizer.\(side).kind"] = words(TokenizerConfiguration.Kind.self)
            choices["tokenizer.\(side).normalization"] = words(TextNormalization.Form.self)
            choices["tokenizer.\(side).sentencepiece_type"] =
                words(TokenizerConfiguration.SentencePieceType.self)
        }
        return choices
    }()
}
