// An ordered multiset of integers in blocks: the container below a Distribution.
//
// Up to kMaxBlock values lie in one sorted array, and more in several. To insert or erase moves at most one block in
// memory, whatever the size of the whole; to find the k-th smallest adds up the sizes of blocks, which for ten thousand
// values are about thirty. A search tree would have better bounds, at five times the memory a value and a cache miss a
// level.
#ifndef QUARTERMASTER_SERVER_NATIONAL_SORTED_BLOCKS_H_
#define QUARTERMASTER_SERVER_NATIONAL_SORTED_BLOCKS_H_

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace quartermaster::national {

// Regular but for comparison. Thread-compatible.
template <typename Integer>
class SortedBlocks {
 public:
  // 4 KiB of 64-bit integers: moving half of it costs less than finding it in memory.
  static constexpr size_t kMaxBlock = 512;

  SortedBlocks() = default;
  // Of values in any order: to sort them once costs less than half of inserting each.
  explicit SortedBlocks(std::vector<Integer> values) : size_(values.size()) {
    std::sort(values.begin(), values.end());
    for (auto begin = values.begin(); begin != values.end();) {
      const auto end = begin + std::min<ptrdiff_t>(kMaxBlock, values.end() - begin);
      blocks_.emplace_back(begin, end);
      begin = end;
    }
  }

  size_t size() const { return size_; }

  void Insert(Integer value) {
    ++size_;
    if (blocks_.empty()) {
      blocks_.push_back({value});
      return;
    }
    auto block = BlockFor(value);
    if (block == blocks_.end()) --block;
    if (block->size() == kMaxBlock) {
      block = Split(block);
      if (block->back() < value) ++block;
    }
    block->insert(std::lower_bound(block->begin(), block->end(), value), value);
  }

  // Takes out one that equals `value`. Gives false, and changes nothing, if there is none.
  bool Erase(Integer value) {
    const auto block = BlockFor(value);
    if (block == blocks_.end()) return false;
    const auto place = std::lower_bound(block->begin(), block->end(), value);
    if (*place != value) return false;
    block->erase(place);
    --size_;
    if (block->size() < kMaxBlock / 4) Shrink(block);
    return true;
  }

  // The k-th smallest, from 0. Requires k < size().
  Integer Smallest(size_t k) const {
    auto block = blocks_.begin();
    for (; k >= block->size(); ++block) k -= block->size();
    return (*block)[k];
  }

  size_t CountLess(Integer value) const {
    return Count(value, [](const Block& block, Integer bound) {
      return std::lower_bound(block.begin(), block.end(), bound) - block.begin();
    });
  }

  size_t CountAtMost(Integer value) const {
    return Count(value, [](const Block& block, Integer bound) {
      return std::upper_bound(block.begin(), block.end(), bound) - block.begin();
    });
  }

  // Calls visit(value) for each, smallest first.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (const Block& block : blocks_) {
      for (const Integer value : block) visit(value);
    }
  }

 private:
  using Block = std::vector<Integer>;
  using Blocks = std::vector<Block>;

  // The first block whose largest value is not below `value`, or end().
  typename Blocks::iterator BlockFor(Integer value) {
    return std::lower_bound(blocks_.begin(), blocks_.end(), value,
                            [](const Block& block, Integer bound) { return block.back() < bound; });
  }

  // Moves the upper half into a new block behind it; gives the lower one.
  typename Blocks::iterator Split(typename Blocks::iterator block) {
    const auto middle = block->begin() + kMaxBlock / 2;
    Block upper(middle, block->end());
    block->erase(middle, block->end());
    return std::prev(blocks_.insert(std::next(block), std::move(upper)));
  }

  // Joins a block that has become small with a neighbour if there is room to grow left, so that values that come and go
  // leave no trail of small blocks. No block is ever empty.
  void Shrink(typename Blocks::iterator block) {
    if (block->empty()) {
      blocks_.erase(block);
      return;
    }
    auto next = std::next(block);
    if (next == blocks_.end()) {
      if (block == blocks_.begin()) return;
      next = block--;
    }
    if (block->size() + next->size() > kMaxBlock * 3 / 4) return;
    block->insert(block->end(), next->begin(), next->end());
    blocks_.erase(next);
  }

  // Whole blocks below, and what `count_in` counts in the one block that `value` may divide. Equal values may go on in
  // the blocks after it.
  template <typename CountIn>
  size_t Count(Integer value, CountIn count_in) const {
    size_t count = 0;
    for (const Block& block : blocks_) {
      const auto in_block = static_cast<size_t>(block.back() < value ? block.size() : count_in(block, value));
      count += in_block;
      if (in_block < block.size()) break;
    }
    return count;
  }

  Blocks blocks_;
  size_t size_ = 0;
};

}  // namespace quartermaster::national

#endif  // QUARTERMASTER_SERVER_NATIONAL_SORTED_BLOCKS_H_
