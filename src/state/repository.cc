#include "state/repository.h"

#include "state/transfer_repository.h"

namespace sallyport::state {
namespace {

template <class T>
struct Traits;

template <>
struct Traits<model::Server> {
  static constexpr std::string_view kKind = kind::kServer;
  static constexpr auto parse = [](const std::string& d) { return model::server_from_document(d); };
};
template <>
struct Traits<model::HostKeyRecord> {
  static constexpr std::string_view kKind = kind::kHostKey;
  static constexpr auto parse = [](const std::string& d) {
    return model::host_key_from_document(d);
  };
};
template <>
struct Traits<model::User> {
  static constexpr std::string_view kKind = kind::kUser;
  static constexpr auto parse = [](const std::string& d) { return model::user_from_document(d); };
};
template <>
struct Traits<model::Role> {
  static constexpr std::string_view kKind = kind::kRole;
  static constexpr auto parse = [](const std::string& d) { return model::role_from_document(d); };
};
template <>
struct Traits<model::IamUser> {
  static constexpr std::string_view kKind = kind::kIamUser;
  static constexpr auto parse = [](const std::string& d) {
    return model::iam_user_from_document(d);
  };
};
template <>
struct Traits<model::AccessKey> {
  static constexpr std::string_view kKind = kind::kAccessKey;
  static constexpr auto parse = [](const std::string& d) {
    return model::access_key_from_document(d);
  };
};
template <>
struct Traits<model::ManagedPolicy> {
  static constexpr std::string_view kKind = kind::kManagedPolicy;
  static constexpr auto parse = [](const std::string& d) {
    return model::managed_policy_from_document(d);
  };
};
template <>
struct Traits<model::BucketSettings> {
  static constexpr std::string_view kKind = kind::kBucketSettings;
  static constexpr auto parse = [](const std::string& d) {
    return model::bucket_settings_from_document(d);
  };
};

template <>
struct Traits<model::Access> {
  static constexpr std::string_view kKind = kind::kAccess;
  static constexpr auto parse = [](const std::string& d) { return model::access_from_document(d); };
};
template <>
struct Traits<model::Agreement> {
  static constexpr std::string_view kKind = kind::kAgreement;
  static constexpr auto parse = [](const std::string& d) {
    return model::agreement_from_document(d);
  };
};
template <>
struct Traits<model::Certificate> {
  static constexpr std::string_view kKind = kind::kCertificate;
  static constexpr auto parse = [](const std::string& d) {
    return model::certificate_from_document(d);
  };
};
template <>
struct Traits<model::Connector> {
  static constexpr std::string_view kKind = kind::kConnector;
  static constexpr auto parse = [](const std::string& d) {
    return model::connector_from_document(d);
  };
};
template <>
struct Traits<model::Profile> {
  static constexpr std::string_view kKind = kind::kProfile;
  static constexpr auto parse = [](const std::string& d) {
    return model::profile_from_document(d);
  };
};
template <>
struct Traits<model::WebApp> {
  static constexpr std::string_view kKind = kind::kWebApp;
  static constexpr auto parse = [](const std::string& d) {
    return model::web_app_from_document(d);
  };
};
template <>
struct Traits<model::WebAppCustomization> {
  static constexpr std::string_view kKind = kind::kWebAppCustomization;
  static constexpr auto parse = [](const std::string& d) {
    return model::web_app_customization_from_document(d);
  };
};
template <>
struct Traits<model::Workflow> {
  static constexpr std::string_view kKind = kind::kWorkflow;
  static constexpr auto parse = [](const std::string& d) {
    return model::workflow_from_document(d);
  };
};

template <class T>
Result<Versioned<T>> read_back(const Resource& resource) {
  auto value = Traits<T>::parse(resource.document);
  if (!value.ok()) {
    return std::move(value).error().with_context("the stored " + resource.key.kind + " \"" +
                                                 resource.key.id + "\"");
  }
  return Versioned<T>{std::move(*value), resource.version};
}

}  // namespace

ResourceKey key_of(const model::Server& server) {
  return {std::string(kind::kServer), {}, server.id.str()};
}
ResourceKey key_of(const model::HostKeyRecord& key) {
  return {std::string(kind::kHostKey), key.server_id.str(), key.id.str()};
}
ResourceKey key_of(const model::User& user) {
  return {std::string(kind::kUser), user.server_id.str(), user.user_name};
}
ResourceKey key_of(const model::Role& role) {
  return {std::string(kind::kRole), {}, role.name};
}
ResourceKey key_of(const model::IamUser& user) {
  return {std::string(kind::kIamUser), {}, user.name};
}
ResourceKey key_of(const model::AccessKey& key) {
  return {std::string(kind::kAccessKey), {}, key.id};
}
ResourceKey key_of(const model::ManagedPolicy& policy) {
  return {std::string(kind::kManagedPolicy), {}, policy.name};
}
ResourceKey key_of(const model::BucketSettings& settings) {
  return {std::string(kind::kBucketSettings), {}, settings.bucket};
}
ResourceKey key_of(const model::Access& access) {
  return {std::string(kind::kAccess), access.server_id.str(), access.external_id};
}
ResourceKey key_of(const model::Agreement& agreement) {
  return {std::string(kind::kAgreement), agreement.server_id.str(), agreement.id.str()};
}
ResourceKey key_of(const model::Certificate& certificate) {
  return {std::string(kind::kCertificate), {}, certificate.id.str()};
}
ResourceKey key_of(const model::Connector& connector) {
  return {std::string(kind::kConnector), {}, connector.id.str()};
}
ResourceKey key_of(const model::Profile& profile) {
  return {std::string(kind::kProfile), {}, profile.id.str()};
}
ResourceKey key_of(const model::WebApp& app) {
  return {std::string(kind::kWebApp), {}, app.id.str()};
}
ResourceKey key_of(const model::WebAppCustomization& customization) {
  return {std::string(kind::kWebAppCustomization), customization.id.str(), customization.id.str()};
}
ResourceKey key_of(const model::Workflow& workflow) {
  return {std::string(kind::kWorkflow), {}, workflow.id.str()};
}

template <class T>
Task<Result<Versioned<T>>> Repository<T>::get(std::string parent, std::string id) {
  ResourceKey key{std::string(Traits<T>::kKind), std::move(parent), std::move(id)};
  CO_TRY_ASSIGN(const Resource resource, co_await store_->get(std::move(key)));
  co_return read_back<T>(resource);
}

template <class T>
Task<Result<Page<T>>> Repository<T>::list(std::string parent, std::string after,
                                          std::uint32_t limit) {
  CO_TRY_ASSIGN(const ResourcePage found,
                co_await store_->list(std::string(Traits<T>::kKind), std::move(parent),
                                      std::move(after), limit));
  Page<T> page;
  page.more = found.more;
  page.items.reserve(found.resources.size());
  for (const Resource& resource : found.resources) {
    CO_TRY_ASSIGN(auto item, read_back<T>(resource));
    page.items.push_back(std::move(item));
  }
  co_return page;
}

template <class T>
Task<Result<std::uint64_t>> Repository<T>::count(std::string parent) {
  co_return co_await store_->count(std::string(Traits<T>::kKind), std::move(parent));
}

template <class T>
Task<Result<std::int64_t>> Repository<T>::insert(T value) {
  std::vector<ResourceChange> changes{insertion(value)};
  CO_TRY_ASSIGN(const auto versions, co_await store_->apply(std::move(changes)));
  co_return versions.front();
}

template <class T>
Task<Result<std::int64_t>> Repository<T>::update(T value, std::int64_t version) {
  std::vector<ResourceChange> changes{updating(value, version)};
  CO_TRY_ASSIGN(const auto versions, co_await store_->apply(std::move(changes)));
  co_return versions.front();
}

template <class T>
Task<Result<void>> Repository<T>::remove(std::string parent, std::string id) {
  std::vector<ResourceChange> changes{removal(std::move(parent), std::move(id))};
  CO_TRY(co_await store_->apply(std::move(changes)));
  co_return ok();
}

template <class T>
ResourceChange Repository<T>::insertion(const T& value) {
  return {ResourceChange::Op::kInsert, key_of(value), 0, to_document(value)};
}

template <class T>
ResourceChange Repository<T>::updating(const T& value, std::int64_t version) {
  return {ResourceChange::Op::kUpdate, key_of(value), version, to_document(value)};
}

template <class T>
ResourceChange Repository<T>::removal(std::string parent, std::string id) {
  return {ResourceChange::Op::kRemove,
          {std::string(Traits<T>::kKind), std::move(parent), std::move(id)},
          0,
          {}};
}

template <class T>
ResourceChange Repository<T>::removal_of_all(std::string parent) {
  return {ResourceChange::Op::kRemoveChildren,
          {std::string(Traits<T>::kKind), std::move(parent), {}},
          0,
          {}};
}

template <class T>
ResourceChange Repository<T>::required(std::string parent, std::string id) {
  return {ResourceChange::Op::kRequire,
          {std::string(Traits<T>::kKind), std::move(parent), std::move(id)},
          0,
          {}};
}

template <class T>
ResourceChange Repository<T>::at_most(std::uint32_t most, std::string parent, std::string refusal,
                                      std::function<bool(const T&)> counts) {
  ResourceBound bound{most, std::move(refusal)};
  if (counts) {
    bound.counts = [counts = std::move(counts)](const std::string& document) {
      const auto value = Traits<T>::parse(document);
      return !value.ok() || counts(*value);
    };
  }
  return {ResourceChange::Op::kAtMost,
          {std::string(Traits<T>::kKind), std::move(parent), {}},
          0,
          {},
          std::move(bound)};
}

template class Repository<model::Server>;
template class Repository<model::HostKeyRecord>;
template class Repository<model::User>;
template class Repository<model::Role>;
template class Repository<model::BucketSettings>;
template class Repository<model::ManagedPolicy>;
template class Repository<model::AccessKey>;
template class Repository<model::IamUser>;
template class Repository<model::Access>;
template class Repository<model::Agreement>;
template class Repository<model::Certificate>;
template class Repository<model::Connector>;
template class Repository<model::Profile>;
template class Repository<model::WebApp>;
template class Repository<model::WebAppCustomization>;
template class Repository<model::Workflow>;

}  // namespace sallyport::state
