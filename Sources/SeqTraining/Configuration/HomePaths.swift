import SeqFiles
import SeqData

extension RunConfiguration {
    /// Replaces a leading `~` in every option that names a file or a folder: no shell sees it in a
    /// configuration file, nor behind the `=` of a setting.
    mutating func expandHome() {
        output = expandingHome(output)
        data.train.expandHome()
        for index in data.corpora.indices { data.corpora[index].expandHome() }
        for place in [\CorpusConfiguration.source, \.target, \.table] {
            data.validation[keyPath: place] = expandingHome(data.validation[keyPath: place])
        }
        data.alignment = expandingHome(data.alignment)
        data.cache = expandingHome(data.cache)
        training.initFrom = expandingHome(training.initFrom)
        training.distillation.teacher = expandingHome(training.distillation.teacher)
    }
}

extension TrainingCorpusConfiguration {
    fileprivate mutating func expandHome() {
        for place in [\TrainingCorpusConfiguration.source, \.target, \.table, \.weights] {
            self[keyPath: place] = expandingHome(self[keyPath: place])
        }
    }
}
