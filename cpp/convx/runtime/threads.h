// How many threads a call works with.
#pragma once

namespace convx {

const char* openmp_version();   // "" when built without
int num_threads();              // of a call made now by this thread
void set_num_threads(int n);    // 0: as OpenMP says
int thread_setting();           // what set_num_threads was last told
int threads_for(double flops);  // 1 where waking a team costs more than it saves

// Linux wakes a thread on the core of the one that wakes it where it takes no other for idle, as on many virtual
// machines, and moves one of the two milliseconds later.
int this_core();    // -1 where the system does not tell
void leave_core();  // moves the calling thread to another one, if it may run there

// A team of `wanted` threads, or of as many as can be started: libgomp ends the process when one cannot. To be kept
// until its parallel region is entered, where its first thread says so: meanwhile no other team takes what was found to
// be there.
class Team {
  public:
    explicit Team(int wanted);
    ~Team() { let_others(); }
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;
    int size() const { return size_; }
    void entered();

  private:
    void let_others();
    int size_;
    bool growing_ = false;
};

}  // namespace convx
