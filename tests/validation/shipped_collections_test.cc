// The shipped collections compile, each from its own files alone, and say of themselves what the programs say of them.
#include "proto/shipped_collections.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "validation/schema.h"
#include "validation/schema_evolution.h"

namespace quartermaster {
namespace {

TEST(ShippedCollectionsTest, EachCompilesFromItsOwnFiles) {
  for (const ShippedCollection& collection : ShippedCollections()) {
    SCOPED_TRACE(collection.id);
    const SchemaResult result = CollectionSchema::Compile(DescriptorsOf(collection), collection.file_name, 1);
    for (const SchemaProblem& problem : result.problems) {
      ADD_FAILURE() << problem.file << ":" << problem.line << ": " << problem.element << ": " << problem.message;
    }
    ASSERT_NE(result.schema, nullptr);
    EXPECT_EQ(result.schema->id(), collection.id);
    EXPECT_TRUE(EvolutionProblems(*result.schema, *result.schema).empty());
    for (const auto& service : result.schema->services()) {
      EXPECT_FALSE(service->rules().empty()) << service->id();
      EXPECT_FALSE(service->indicators().empty()) << service->id();
    }
  }
}

TEST(ShippedCollectionsTest, NoneCarriesTheFilesOfAnother) {
  for (const ShippedCollection& collection : ShippedCollections()) {
    const std::string folder = collection.file_name.substr(0, collection.file_name.rfind('/') + 1);
    const google::protobuf::FileDescriptorSet set = DescriptorsOf(collection);
    for (const auto& file : set.file()) {
      const bool own = file.name().compare(0, folder.size(), folder) == 0;
      EXPECT_TRUE(own || file.name().find("/collections/") == std::string::npos) << file.name();
    }
  }
}

}  // namespace
}  // namespace quartermaster
