import SeqFiles
import SeqData
import SeqDecoding
import SeqModels

extension RunConfiguration {
    /// How outputs are searched in this run: within a quarter of `training.memory`, if that is stated, where
    /// `decoding.memory` leaves it open.
    var boundedDecoding: DecodingOptions {
        var options = decoding
        if options.memory.isEmpty, let limit = (try? training.memoryLimit()) ?? nil {
            options.memory = "\(max(1, limit / 4))B"
        }
        return options
    }
}

extension Validator {
    /// Refuses, before the first update, sources whose search would not fit into the memory that it may take.
    static func checkFits(
        _ data: TrainingData.Validation, _ configuration: RunConfiguration, _ folder: ModelFolder
    ) throws {
        guard folder.model.configuration.hasText,
            let longest = data.examples.map(\.source.count).max()
        else { return }
        var translator = Translator(folder)
        translator.options = configuration.boundedDecoding
        do { try translator.checkFits(source: longest) } catch let error as Seq2SeqError {
            throw Seq2SeqError(
                .badConfiguration, reason: "a source of the validation data has \(error.reason)",
                remedy:
                    "raise decoding.memory, or lower decoding.beam_size, decoding.maximum_length_ratio or data.maximum_length"
            )
        }
    }
}
